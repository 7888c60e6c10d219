import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../packages/iolaus/src/database/connection/connection.ts';
import type { Database } from '../../packages/iolaus/src/database/connection/connection.ts';
import { startEmbeddedDatabase } from '../../packages/iolaus/src/database/postgres/embedded.ts';
import { ensureJobset } from '../../packages/iolaus/src/database/evaluations/ensure-jobset.ts';
import { prepareDatabase } from '../../packages/iolaus/src/database/schema/prepare.ts';
import { widenTimestamps } from '../../packages/iolaus/src/database/widen-timestamps/widen.ts';
import type { BenchReport } from '../report.ts';

export type Widening = {
  /** For how long at most a table was locked, or a lock on it wanted. */
  readonly widenLockMs: number;
  /** The slowest of the small changes that somebody else made all the while. */
  readonly widenOthersMaxMs: number;
  readonly widenSeconds: number;
};

// As often as a busy farm changes builds.
const changeEveryMilliseconds = 5;

export async function measureWidenTimestamps(): Promise<BenchReport> {
  return {
    bench: 'widen-timestamps',
    figures: await measureWidening(),
    explanation: `A database with a million builds and all of Hydra's indexes gets 64-bit times while somebody else changes a
build every ${changeEveryMilliseconds} ms.

widenLockMs: for how long at most a table was locked, or a lock on it wanted
widenOthersMaxMs: the slowest of the changes that were made meanwhile, the machine's own pauses included
widenSeconds: from the first column to the last, without rests`,
  };
}

/** Widens the times of a database with so many builds, while somebody else changes builds. */
export async function measureWidening(builds = 1_000_000): Promise<Widening> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.adopt(await mkdtemp(join(tmpdir(), 'widen-')), (path) =>
    rm(path, { recursive: true }),
  );
  await chmod(folder, 0o755);
  const server = resources.use(
    await startEmbeddedDatabase({
      directory: join(folder, 'data'),
      socketDirectory: join(folder, 's'),
    }),
  );
  const open = async (): Promise<Database> =>
    resources.adopt(
      await openDatabase({ url: server.url, maxConnections: 2, applicationName: 'bench' }),
      (database) => database.close(),
    );
  const database = await open();
  await prepareDatabase(database);
  await fill(database, builds);
  const stopping = new AbortController();
  const changing = changeBuilds(await open(), builds, stopping.signal);
  const began = performance.now();
  const { longestLockMilliseconds } = await widenTimestamps({
    database,
    restFactor: 0,
    finishes: true,
    onProgress: () => {},
  });
  const widenSeconds = (performance.now() - began) / 1_000;
  stopping.abort();
  return {
    widenLockMs: longestLockMilliseconds,
    widenOthersMaxMs: await changing,
    widenSeconds,
  };
}

/** Rows like those of a Hydra that has run for long; the large index is made afterwards, which takes a third of the time. */
async function fill(database: Database, builds: number): Promise<void> {
  const jobset = await database.transaction((transaction) =>
    ensureJobset(transaction, { project: 'p', jobset: 'j', description: '' }),
  );
  await database.query('alter table builds disable trigger user');
  await database.query('drop index if exists indextrgmbuildsondrvpath');
  await database.query(
    `insert into builds (finished, timestamp, jobset_id, job, nixname, drvpath, system, buildstatus, starttime, stoptime)
     select 1, 1700000000 + n, $2, 'job-' || n % 5000, 'package-' || n,
       '/nix/store/' || md5(n::text) || '-package-' || n || '.drv', 'x86_64-linux', 0, 1700000100 + n, 1700000200 + n
     from generate_series(1, $1::int) n`,
    [builds, jobset],
  );
  await database.query('alter table builds enable trigger user');
  await database.query(
    'create index indextrgmbuildsondrvpath on builds using gin (drvpath gin_trgm_ops)',
  );
  await database.query('vacuum analyze builds');
}

/** Changes one build after the other; the longest time that it took, in milliseconds. */
async function changeBuilds(
  database: Database,
  builds: number,
  signal: AbortSignal,
): Promise<number> {
  let longest = 0;
  for (let turn = 1; !signal.aborted; turn += 1) {
    const began = performance.now();
    const build = 1 + ((turn * 7_919) % builds);
    await database.query('update builds set priority = priority + 1 where id = $1', [build]);
    longest = Math.max(longest, performance.now() - began);
    await sleep(changeEveryMilliseconds);
  }
  return longest;
}
