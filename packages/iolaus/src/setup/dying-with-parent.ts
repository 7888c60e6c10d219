import { existsSync } from 'node:fs';

const setpriv = '/usr/bin/setpriv';

/**
 * The command line that runs a program so that the kernel ends it with its parent, however that ends. util-linux does it;
 * without util-linux the program may outlive its parent, and is found and stopped at the next start.
 */
export function dyingWithParent(command: readonly [string, ...string[]]): [string, ...string[]] {
  return existsSync(setpriv) ? [setpriv, '--pdeathsig', 'TERM', '--', ...command] : [...command];
}
