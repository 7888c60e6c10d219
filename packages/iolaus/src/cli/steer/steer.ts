import type { CommandGroup } from '../command-group.ts';

/** What is asked of a runner while it works. */
export const steerCommands: CommandGroup = {
  words: 'iolaus steer',
  purpose:
    'tells a running farm what comes first, which machines to leave alone, what to try again',
  entries: [
    {
      name: 'orders',
      summary: 'list emergencies and machines that are held',
      load: async () => (await import('./orders.ts')).ordersCommand,
    },
    {
      name: 'emergency',
      summary: 'let a build or an evaluation go before everything else',
      load: async () => (await import('./emergency.ts')).emergencyCommand,
    },
    {
      name: 'hold',
      summary: 'give a machine no more work, until it is released',
      load: async () => (await import('./hold.ts')).holdCommand,
    },
    {
      name: 'release',
      summary: 'give a machine work again',
      load: async () => (await import('./hold.ts')).releaseCommand,
    },
    {
      name: 'try-again',
      summary: 'forget that something could not be built',
      load: async () => (await import('./try-again.ts')).tryAgainCommand,
    },
  ],
};
