import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../fault/fault.ts';

/** Who the server runs as: PostgreSQL refuses to run as root. */
export type Account =
  | { readonly type: 'ourselves' }
  | {
      readonly type: 'other';
      readonly uid: number;
      readonly gid: number;
      /** Some folder on the way is closed to the account, as root's home usually is. */
      readonly needsPassage: boolean;
    };

const setpriv = '/usr/bin/setpriv';
const accountName = 'nobody';

/** Ourselves, or for root the account `nobody`. `places` are the folders that the server has to get to. */
export function chooseAccount(places: readonly string[]): Account {
  if (process.getuid?.() !== 0) return { type: 'ourselves' };
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === accountName);
  if (entry === undefined || !existsSync(setpriv)) {
    throw new Fault(
      'not-permitted',
      'PostgreSQL does not run as root, and there is no way to run it otherwise',
      {
        remedy: `It takes an account '${accountName}' and setpriv (package util-linux). Or name a server with --db-url.`,
      },
    );
  }
  return {
    type: 'other',
    uid: Number(entry[2]),
    gid: Number(entry[3]),
    needsPassage: !places.every(isOpenToAll),
  };
}

/** Everybody may walk to the folder. */
function isOpenToAll(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) return false;
  }
  return true;
}

/**
 * The command line under that account, ending with this process. Where a folder on the way is closed, the server gets the
 * one privilege of passing through it (CAP_DAC_OVERRIDE), also for `access(2)`, by which it looks for its own program.
 */
export function commandAs(
  account: Account,
  command: readonly [string, ...string[]],
): [string, ...string[]] {
  const identity =
    account.type === 'ourselves'
      ? []
      : ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'];
  const passage =
    account.type === 'other' && account.needsPassage
      ? [
          ...['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'],
          ...['--securebits', '+no_setuid_fixup'],
        ]
      : [];
  if (!existsSync(setpriv)) return [...command];
  // A fast shutdown is what SIGINT asks of PostgreSQL.
  return [setpriv, '--pdeathsig', 'INT', ...identity, ...passage, '--', ...command];
}
