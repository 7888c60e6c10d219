import type { CommandGroup } from '../command-group.ts';
import { explainNixError } from '../nix/explain.ts';

/** What is done with binary caches besides publishing to them. */
export const cacheCommands: CommandGroup = {
  words: 'iolaus cache',
  purpose: 'looks after binary caches, by their addresses (docs/caches.md)',
  entries: [
    {
      name: 'verify',
      summary: 'look whether all that a cache says is true',
      load: async () => (await import('./verify.ts')).verifyCommand,
    },
    {
      name: 'stats',
      summary: 'count what a cache holds',
      load: async () => (await import('./stats.ts')).statsCommand,
    },
    {
      name: 'copy',
      summary: 'copy paths, with all that they refer to, from one cache to another',
      load: async () => (await import('./copy.ts')).copyCommand,
    },
    {
      name: 'sign',
      summary: 'sign what is there with other keys',
      load: async () => (await import('./sign.ts')).signCommand,
    },
    {
      name: 'gc',
      summary: 'remove what no kept build needs',
      load: async () => (await import('./gc/gc.ts')).gcCommand,
    },
    {
      name: 'uploads',
      summary: 'show what waits to be published, and try again what was given up',
      load: async () => (await import('./uploads.ts')).uploadsCommand,
    },
  ],
  explain: explainNixError,
};
