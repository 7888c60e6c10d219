import type { CommandGroup } from '../command-group.ts';
import { explainNixError } from './explain.ts';

/** Each command is a file of this folder, and prints what Nix's own command of that kind prints. */
export const nixCommands: CommandGroup = {
  words: 'iolaus nix',
  purpose: "reads and writes Nix's own formats and asks its daemon, without Nix's programs",
  entries: [
    {
      name: 'nar',
      summary: 'look into archives, make them and unpack them',
      load: async () => (await import('./nar/nar.ts')).narCommands,
    },
    {
      name: 'drv',
      summary: 'show derivations',
      load: async () => (await import('./drv.ts')).drvCommands,
    },
    {
      name: 'path-info',
      summary: 'ask the daemon about store paths',
      load: async () => (await import('./path-info.ts')).pathInfoCommand,
    },
    {
      name: 'narinfo',
      summary: 'check what a binary cache says of a path',
      load: async () => (await import('./narinfo.ts')).narinfoCommands,
    },
    {
      name: 'closure',
      summary: 'print paths and all that they refer to, as `nix-store -qR` does',
      load: async () => (await import('./closure.ts')).closureCommand,
    },
    {
      name: 'store',
      summary: 'ask the daemon who it is',
      load: async () => (await import('./store-ping.ts')).storeCommands,
    },
  ],
  explain: explainNixError,
};
