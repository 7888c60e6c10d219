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
  ],
  explain: explainNixError,
};
