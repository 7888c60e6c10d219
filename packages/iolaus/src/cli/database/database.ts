import type { CommandGroup } from '../command-group.ts';

/** What is done to a database of Hydra's while its programs go on. */
export const databaseCommands: CommandGroup = {
  words: 'iolaus database',
  purpose: "looks after a database of Hydra's",
  entries: [
    {
      name: 'indexes',
      summary: 'make the indexes that lists and search are answered from',
      load: async () => (await import('./indexes.ts')).indexesCommand,
    },
    {
      name: 'widen-timestamps',
      summary: 'make its 32-bit times 64 bits wide, without stopping anything',
      load: async () => (await import('./widen-timestamps.ts')).widenTimestampsCommand,
    },
  ],
};
