import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { storeDirectory } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import { openDatabase } from '../../packages/iolaus/src/database/connection/connection.ts';
import type { Database } from '../../packages/iolaus/src/database/connection/connection.ts';
import { startEmbeddedDatabase } from '../../packages/iolaus/src/database/postgres/embedded.ts';
import { ensureJobset } from '../../packages/iolaus/src/database/evaluations/ensure-jobset.ts';
import { prepareDatabase } from '../../packages/iolaus/src/database/schema/prepare.ts';
import { recordEvaluation } from '../../packages/iolaus/src/database/evaluations/record-evaluation.ts';
import { startRunnerProcess } from './runner-process.ts';
import type { RunnerProcess } from './runner-process.ts';
import { jobOf } from './twin-store.ts';
import type { Twin } from './twin-store.ts';

/** A database, a folder for a store, and whatever else a runner needs around it. */
export interface RunnerScene extends AsyncDisposable {
  readonly database: Database;
  readonly databaseProcess: number;
  readonly storeDirectory: StoreDirectory;
  /** One jobset's evaluation with a build for each. */
  queue(twins: readonly Twin[]): Promise<void>;
  /** One that stands by has an address of its own, and resolves before it leads. */
  startRunner(
    daemonSocket: string | null,
    options?: { readonly standsBy: boolean },
  ): Promise<RunnerProcess>;
}

/** `store`: of a daemon that is there already; otherwise a folder of its own. */
export async function openRunnerScene(store?: StoreDirectory): Promise<RunnerScene> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.adopt(mkdtempSync(join(tmpdir(), 'iolaus-bench-')), (path) =>
    rmSync(path, { recursive: true, force: true }),
  );
  // The server may run under another account, which must get through.
  chmodSync(folder, 0o755);
  const embedded = starting.adopt(
    await startEmbeddedDatabase({
      directory: join(folder, 'postgresql'),
      socketDirectory: join(folder, 'p'),
    }),
    (server) => server.stop(),
  );
  const { url } = embedded;
  const database = starting.adopt(
    await openDatabase({ url, maxConnections: 2, applicationName: 'bench' }),
    (opened) => opened.close(),
  );
  await prepareDatabase(database);
  const directory = store ?? storeDirectory(join(folder, 'store'));
  mkdirSync(directory, { recursive: true });
  const running = starting.move();
  return {
    database,
    databaseProcess: embedded.pid,
    storeDirectory: directory,
    queue: (twins) => queueTwins(database, directory, twins),
    startRunner: (daemonSocket, { standsBy } = { standsBy: false }) =>
      startRunnerProcess({
        databaseUrl: url,
        storeDirectory: directory,
        daemonSocket,
        dataDirectory: join(folder, 'data'),
        grpcBind: join(folder, standsBy ? 'standby' : 'runner'),
        standsBy,
      }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function queueTwins(
  database: Database,
  directory: StoreDirectory,
  twins: readonly Twin[],
): Promise<void> {
  const jobs = twins.map((twin, index) => jobOf(directory, twin, `job${index}`));
  await database.transaction(async (transaction) => {
    const jobset = await ensureJobset(transaction, {
      project: 'bench',
      jobset: 'bench',
      description: '',
    });
    await recordEvaluation(transaction, {
      jobset,
      jobs,
      reuse: 'any',
      errorMessage: '',
      evaluationSeconds: 0,
      now: Math.floor(Date.now() / 1_000),
    });
  });
}

/** Resolves when each unfinished build is in the farm. */
export async function untilQueued(
  { database }: RunnerScene,
  runner: RunnerProcess,
  onLook: () => void = () => {},
): Promise<void> {
  for (;;) {
    onLook();
    const [row] = await database.query<{ unfinished: number }>(
      'select count(*)::int4 as unfinished from builds where finished = 0',
    );
    if (row?.unfinished === runner.counts().builds) return;
    await sleep(200);
  }
}
