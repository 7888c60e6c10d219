import type { CommandGroup } from '../../command-group.ts';

/** What `nix nar`, `nix hash path`, `nix-store --dump` and `nix-store --restore` do. */
export const narCommands: CommandGroup = {
  words: 'iolaus nix nar',
  purpose: "looks into Nix's archives, makes them and unpacks them",
  entries: [
    {
      name: 'ls',
      summary: 'list what is in an archive',
      load: async () => (await import('./ls.ts')).lsCommand,
    },
    {
      name: 'cat',
      summary: 'print one file of an archive',
      load: async () => (await import('./cat.ts')).catCommand,
    },
    {
      name: 'dump',
      summary: 'print the archive of a file or directory',
      load: async () => (await import('./dump.ts')).dumpCommand,
    },
    {
      name: 'restore',
      summary: 'unpack an archive from standard input',
      load: async () => (await import('./restore.ts')).restoreCommand,
    },
    {
      name: 'hash',
      summary: 'print the hash that the archive of a path has',
      load: async () => (await import('./hash.ts')).hashCommand,
    },
  ],
};
