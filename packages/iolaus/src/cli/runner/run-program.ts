import type { Command } from '../command.ts';
import { asksForHelp } from '../command-group.ts';
import { reportFailure } from '../failure.ts';
import { version } from '../version.ts';

/** Runs a command as a program of its own, with what all programs have. */
export async function runProgram(name: string, command: Command): Promise<void> {
  const parameters = process.argv.slice(2);
  const [first] = parameters;
  if (first === '--version' || first === '-V') {
    console.log(`${name} ${version}`);
    return;
  }
  if (asksForHelp(command, parameters)) {
    console.log(command.help);
    return;
  }
  try {
    process.exitCode = await command.run(parameters);
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}
