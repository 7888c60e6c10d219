import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../fault/fault.ts';
import { makeOwnFolder, spawnAs } from './account.ts';
import type { Account } from './account.ts';
import { faultOfPostgres } from './fault.ts';
import type { PostgresPrograms } from './programs.ts';

export const userName = 'iolaus';

/** Makes the cluster if there is none. */
export async function provideCluster(
  programs: PostgresPrograms,
  account: Account,
  cluster: string,
  durable: boolean,
): Promise<void> {
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    await makeCluster(programs, account, cluster, durable);
  }
  refuseOtherVersion(programs, cluster);
}

/** Made beside its place and moved there when it is whole, so that an interrupted start leaves nothing half done. */
async function makeCluster(
  programs: PostgresPrograms,
  account: Account,
  cluster: string,
  durable: boolean,
): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  makeOwnFolder(unfinished, account);
  const parameters = [
    `--pgdata=${unfinished}`,
    `--username=${userName}`,
    '--auth=trust',
    '--no-instructions',
    '--encoding=UTF8',
    // PostgreSQL's own, which no system lacks, and no update of the system changes the order of.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ];
  const { status, said } = await run(programs, account, 'initdb', parameters);
  if (status !== 0) {
    const fault = faultOfPostgres('PostgreSQL could not make its cluster', {
      said,
      folder: dirname(cluster),
    });
    rmSync(unfinished, { recursive: true, force: true });
    throw fault;
  }
  renameSync(unfinished, cluster);
}

async function run(
  programs: PostgresPrograms,
  account: Account,
  name: string,
  parameters: readonly string[],
): Promise<{ status: number | null; said: string }> {
  const child = spawnAs(account, [join(programs.folder, 'bin', name), ...parameters], {
    environment: programs.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the pipes were asked for');
  const status = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [output, errors, ended] = await Promise.all([text(stdout), text(stderr), status]);
  return { status: ended, said: `${output}\n${errors}` };
}

/** A cluster belongs to one major version of PostgreSQL. */
function refuseOtherVersion(programs: PostgresPrograms, cluster: string): void {
  const found = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (found === programs.majorVersion) return;
  throw new Fault(
    'foreign-database',
    `${cluster} was made by PostgreSQL ${found}, and this is ${programs.majorVersion}`,
    { remedy: `Dump it with PostgreSQL ${found} (pg_dump) and restore it into a new folder.` },
  );
}

// After that a server is asked more roughly.
const patienceMilliseconds = 5_000;
const askAgainMilliseconds = 10;

/** Stops the server of an earlier run that was killed too roughly to take it along. */
export async function stopOrphan(cluster: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    const pid = readOrphan(cluster);
    if (pid === undefined) return;
    process.kill(pid, signal);
    const deadline = Date.now() + patienceMilliseconds;
    while (readOrphan(cluster) === pid && Date.now() < deadline) await sleep(askAgainMilliseconds);
  }
}

/** A number alone may long be another program's. */
function readOrphan(cluster: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return command.includes(cluster) ? pid : undefined;
  } catch {
    return undefined;
  }
}
