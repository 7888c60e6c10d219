import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Fault } from '../../fault/fault.ts';

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

const accountName = 'nobody';

/**
 * Ourselves; for root whoever has the cluster already, or else the account `nobody`. `places` are the folders that the
 * server has to get to. Throws `Fault` `not-permitted` where there is no way.
 */
export function chooseAccount(cluster: string, places: readonly string[]): Account {
  if (process.getuid?.() !== 0) return { type: 'ourselves' };
  const { uid, gid } = ownerOf(cluster) ?? lookUp(accountName);
  const needsPassage = !places.every(isOpenToAll);
  if (needsPassage && findSetpriv() === undefined) {
    throw new Fault(
      'not-permitted',
      `PostgreSQL does not run as root, and ${accountName} may not enter its folder`,
      {
        remedy:
          'Install setpriv (package util-linux), name another folder with --state-dir, or a server with --db-url.',
      },
    );
  }
  return { type: 'other', uid, gid, needsPassage };
}

type Owner = { readonly uid: number; readonly gid: number };

/** Of a cluster that somebody made who was not root. */
function ownerOf(cluster: string): Owner | undefined {
  const found = statSync(cluster, { throwIfNoEntry: false });
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

function lookUp(name: string): Owner {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([entryName]) => entryName === name);
  if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  throw new Fault(
    'not-permitted',
    `PostgreSQL does not run as root, and there is no account '${name}'`,
    {
      remedy: 'Start iolaus as another user, or name a server with --db-url.',
    },
  );
}

/** Everybody may walk to the folder. */
function isOpenToAll(folder: string): boolean {
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    if (((statSync(above, { throwIfNoEntry: false })?.mode ?? 0o001) & 0o001) === 0) return false;
  }
  return true;
}

/** Makes the folder if there is none, and gives it to the account alone. */
export function makeOwnFolder(folder: string, account: Account): void {
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
    if (account.type === 'other') chownSync(folder, account.uid, account.gid);
  } catch (cause) {
    throw new Fault('not-permitted', `${folder} cannot be made ready for PostgreSQL`, {
      remedy: 'Change its owner or mode, or name another folder with --state-dir.',
      cause,
    });
  }
}

/**
 * Runs a program under the account; it gets SIGINT when this process ends, however roughly, which for PostgreSQL is the
 * order to shut down fast. Where a folder on the way is closed it gets the one privilege of passing through
 * (CAP_DAC_OVERRIDE). All that rests on util-linux's `setpriv`; without it the program may outlive us.
 */
export function spawnAs(
  account: Account,
  [program, ...parameters]: readonly [string, ...string[]],
  options: { readonly environment: NodeJS.ProcessEnv; readonly stdio: StdioOptions },
): ChildProcess {
  // In a session of its own: an interrupt at the terminal is ours to deal with, in order.
  const settings = { env: options.environment, stdio: options.stdio, cwd: '/', detached: true };
  const setpriv = findSetpriv();
  if (setpriv !== undefined) {
    const privileges = [...identityOf(account), ...passageOf(account), '--pdeathsig', 'INT'];
    return spawn(setpriv, [...privileges, '--', program, ...parameters], settings);
  }
  const identity = account.type === 'other' ? { uid: account.uid, gid: account.gid } : {};
  return spawn(program, parameters, { ...settings, ...identity });
}

const identityOf = (account: Account): string[] =>
  account.type === 'ourselves'
    ? []
    : ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'];

/** As an ambient capability it outlives the start of the program; without the fixup it outlives the change of account. */
const passageOf = (account: Account): string[] =>
  account.type === 'other' && account.needsPassage
    ? [
        '--inh-caps',
        '+dac_override',
        '--ambient-caps',
        '+dac_override',
        '--securebits',
        '+no_setuid_fixup',
      ]
    : [];

let setprivFound: { readonly path: string | undefined } | undefined;

/** BusyBox has a program of that name, too, which cannot do what is needed. */
function findSetpriv(): string | undefined {
  setprivFound ??= {
    path: (process.env['PATH'] ?? '')
      .split(delimiter)
      .concat('/usr/bin', '/bin', '/run/current-system/sw/bin')
      .map((folder) => join(folder, 'setpriv'))
      .filter((path) => existsSync(path))
      .find((path) => spawnSync(path, ['--pdeathsig', 'INT', 'true']).status === 0),
  };
  return setprivFound.path;
}
