import { runFromGroup } from './command-group.ts';
import type { CommandGroup } from './command-group.ts';
import { reportFailure } from './failure.ts';
import { version } from './version.ts';

const iolaus: CommandGroup = {
  words: 'iolaus',
  purpose: 'a build farm for Nix (`iolaus --version` prints the version)',
  entries: [
    {
      name: 'up',
      summary: 'run a whole farm on this machine, with a page',
      load: async () => (await import('./up/up.ts')).upCommand,
    },
    {
      name: 'build',
      summary: 'build every derivation in a file, and end',
      load: async () => (await import('./build/build.ts')).buildCommand,
    },
    {
      name: 'ls',
      summary: "list a farm's builds, evaluations, machines",
      load: async () => (await import('./remote/ls.ts')).lsCommand,
    },
    {
      name: 'log',
      summary: 'print the log of a build, also as it grows',
      load: async () => (await import('./remote/log.ts')).logCommand,
    },
    {
      name: 'why',
      summary: 'why a build or a step waits, and when it will go on',
      load: async () => (await import('./remote/why.ts')).whyCommand,
    },
    {
      name: 'bump',
      summary: 'put builds before all others',
      load: async () => (await import('./remote/change-builds.ts')).bumpCommand,
    },
    {
      name: 'cancel',
      summary: 'cancel builds',
      load: async () => (await import('./remote/change-builds.ts')).cancelCommand,
    },
    {
      name: 'restart',
      summary: 'queue finished builds again',
      load: async () => (await import('./remote/change-builds.ts')).restartCommand,
    },
    {
      name: 'emergency',
      summary: 'let builds go before everything else',
      load: async () => (await import('./remote/emergency.ts')).emergencyCommand,
    },
    {
      name: 'shares',
      summary: 'set what a jobset is due of the machines',
      load: async () => (await import('./remote/shares.ts')).sharesCommand,
    },
    {
      name: 'builders',
      summary: 'drain, pause, resume and release machines',
      load: async () => (await import('./remote/builders.ts')).buildersCommands,
    },
    {
      name: 'steer',
      summary: 'tell a running farm what comes first, and what to leave alone',
      load: async () => (await import('./steer/steer.ts')).steerCommands,
    },
    {
      name: 'runner',
      summary: 'the queue runner alone',
      load: async () => (await import('./runner/runner.ts')).runnerCommand,
    },
    {
      name: 'builder',
      summary: 'the agent on a build machine alone',
      load: async () => (await import('./builder/builder.ts')).builderCommand,
    },
    {
      name: 'server',
      summary: 'the page and its JSON alone',
      load: async () => (await import('./server/server.ts')).serverCommand,
    },
    {
      name: 'provisioner',
      summary: 'start and end build machines as there is work',
      load: async () => (await import('./provisioner/provisioner.ts')).provisionerCommand,
    },
    {
      name: 'simulate',
      summary: 'try the runner in a made-up world',
      load: async () => (await import('./simulate/simulate.ts')).simulateCommand,
    },
    {
      name: 'database',
      summary: "look after a database of Hydra's",
      load: async () => (await import('./database/database.ts')).databaseCommands,
    },
    {
      name: 'user',
      summary: 'make accounts, and change their roles and passwords',
      load: async () => (await import('./accounts/user.ts')).userCommand,
    },
    {
      name: 'token',
      summary: 'make, list and revoke tokens for scripts',
      load: async () => (await import('./accounts/token.ts')).tokenCommands,
    },
    {
      name: 'cache',
      summary: 'look after binary caches',
      load: async () => (await import('./cache/cache.ts')).cacheCommands,
    },
    {
      name: 'nix',
      summary: "read and write Nix's own formats, without Nix",
      load: async () => (await import('./nix/nix.ts')).nixCommands,
    },
    {
      name: 'completion',
      summary: 'what a shell needs to complete commands',
      load: async () => (await import('./completion.ts')).completionCommand(iolaus),
    },
  ],
};

const parameters = process.argv.slice(2);
if (parameters[0] === '--version' || parameters[0] === '-V') {
  console.log(version);
} else {
  try {
    process.exitCode = await runFromGroup(iolaus, parameters);
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}
