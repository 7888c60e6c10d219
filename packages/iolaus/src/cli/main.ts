import { Fault } from '../fault/fault.ts';
import type { Command } from './command.ts';
import { reportFailure } from './failure.ts';
import { version } from './version.ts';

type Entry = { readonly name: string; readonly summary: string; load(): Promise<Command> };

/** Loaded when asked for: no command waits for the libraries of the others. */
const commands: readonly Entry[] = [
  {
    name: 'up',
    summary: 'run a whole farm on this machine, with a page',
    load: async () => (await import('./up.ts')).upCommand,
  },
  {
    name: 'build',
    summary: 'build every derivation in a file, and end',
    load: async () => (await import('./build.ts')).buildCommand,
  },
  {
    name: 'runner',
    summary: 'the queue runner alone',
    load: async () => (await import('./runner.ts')).runnerCommand,
  },
  {
    name: 'builder',
    summary: 'the agent on a build machine alone',
    load: async () => (await import('./builder.ts')).builderCommand,
  },
  {
    name: 'server',
    summary: 'the page and its JSON alone',
    load: async () => (await import('./server.ts')).serverCommand,
  },
];

const help = `iolaus: a build farm for Nix

${commands.map(({ name, summary }) => `  iolaus ${name.padEnd(8)} ${summary}`).join('\n')}

\`iolaus COMMAND --help\` explains a command; \`iolaus --version\` prints the version.`;

try {
  process.exitCode = await runCommand(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportFailure(error);
}

async function runCommand([name, ...parameters]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(help);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    console.log(version);
    return 0;
  }
  const entry = commands.find((candidate) => candidate.name === name);
  if (entry === undefined) {
    throw new Fault('bad-usage', `there is no command '${name}'`, {
      remedy: `There are ${commands.map((known) => known.name).join(', ')}; \`iolaus --help\` lists them.`,
    });
  }
  const command = await entry.load();
  if (parameters.includes('--help') || parameters.includes('-h')) {
    console.log(command.help);
    return 0;
  }
  return command.run(parameters);
}
