import { Fault } from '../fault/fault.ts';
import { buildCommand } from './build.ts';
import { builderCommand } from './builder.ts';
import type { Command } from './command.ts';
import { reportFailure } from './failure.ts';
import { runnerCommand } from './runner.ts';
import { serverCommand } from './server.ts';
import { upCommand } from './up.ts';
import { version } from './version.ts';

const commands: readonly Command[] = [
  upCommand,
  buildCommand,
  runnerCommand,
  builderCommand,
  serverCommand,
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
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    throw new Fault('bad-usage', `there is no command '${name}'`, {
      remedy: `There are ${commands.map((known) => known.name).join(', ')}; \`iolaus --help\` lists them.`,
    });
  }
  if (parameters.includes('--help') || parameters.includes('-h')) {
    console.log(command.help);
    return 0;
  }
  return command.run(parameters);
}
