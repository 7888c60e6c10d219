import { spawnSync } from 'node:child_process';

type CommandLine = readonly [program: string, ...parameters: string[]];

let isPossible: boolean | undefined;

/**
 * A command line under which the kernel sends `signal` to the program when this process ends, however roughly. It
 * rests on util-linux's `setpriv`; where that is missing, the program is run as it is.
 */
export function dyingWithParent(command: CommandLine, signal: 'TERM' | 'KILL'): CommandLine {
  isPossible ??= spawnSync('setpriv', ['--pdeathsig', signal, 'true']).status === 0;
  return isPossible ? ['setpriv', '--pdeathsig', signal, '--', ...command] : command;
}
