import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { computeHash, storeDirectory } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { systemClock } from '../../packages/iolaus/src/clock/system-clock.ts';
import { openDatabase } from '../../packages/iolaus/src/database/connection/connection.ts';
import { prepareOwnSchema } from '../../packages/iolaus/src/database/schema/own-schema.ts';
import { fencedDatabase, takeLead } from '../../packages/iolaus/src/database/lead.ts';
import { createFarm } from '../../packages/iolaus/src/farm/farm.ts';
import { createLogger } from '../../packages/iolaus/src/logging/logger.ts';
import { parseBind } from '../../packages/iolaus/src/protocol/bind.ts';
import { serveRunner } from '../../packages/iolaus/src/protocol/server/runner-server.ts';
import { assembleRunner } from '../../packages/iolaus/src/runner/assembly/assemble.ts';
import { runnerConfigurationSchema } from '../../packages/iolaus/src/runner/settings/configuration.ts';
import {
  logDirectoryOf,
  resolvedDirectoryOf,
} from '../../packages/iolaus/src/runner/settings/directories.ts';
import type { KeptFacts } from '../../packages/iolaus/src/runner/store/derivations.ts';
import { standBy } from '../../packages/iolaus/src/runner/standby/stand-by.ts';
import { noUploads } from '../../packages/iolaus/src/runner/uploads/uploads.ts';
import { openDiskRoom } from '../../packages/iolaus/src/runner/logs/disk-room.ts';
import { openLogFiles } from '../../packages/iolaus/src/runner/logs/log-files.ts';
import { openRunnerStore } from '../../packages/iolaus/src/runner/store/runner-store.ts';
import type { RunnerStore } from '../../packages/iolaus/src/runner/store/runner-store.ts';
import { keepHeapTight } from '../../packages/iolaus/src/runner/tight-heap.ts';
import type { FromRunnerProgram, RunnerProgramOptions } from './runner-process.ts';
import { builtSizes } from './twin-store.ts';

/** The runner as a process of its own, for its processor time and memory to be its own. */
const options: RunnerProgramOptions = JSON.parse(process.argv[2] ?? '');
const tell = (message: FromRunnerProgram): void => void process.send?.(message);

keepHeapTight();
const database = await openDatabase({
  url: options.databaseUrl,
  maxConnections: 8,
  applicationName: 'bench-runner',
});
await prepareOwnSchema(database);
const directory = storeDirectory(options.storeDirectory);
const configuration = runnerConfigurationSchema.parse({ hydraDataDir: options.dataDirectory });
const logger = createLogger({ program: 'runner', level: 'warn' });
const openStore = (kept: KeptFacts): RunnerStore => {
  const store = openRunnerStore(
    { socketPath: options.daemonSocket ?? '/nonexistent', storeDirectory: directory },
    resolvedDirectoryOf(configuration),
    kept,
  );
  return options.daemonSocket === null ? withoutDaemon(store) : store;
};
const standby = options.standsBy
  ? standBy({ database, store: openStore(new Map()), clock: systemClock, logger })
  : null;
const telling = setInterval(() => {
  if (standby !== null) tell({ type: 'standing-by', derivations: standby.kept.size });
}, 100);
const lead = await takeLead(
  { url: options.databaseUrl, applicationName: 'bench-lead' },
  { patienceMilliseconds: Infinity, onStandby: () => {} },
);
clearInterval(telling);
void standby?.[Symbol.asyncDispose]();
const store = openStore(standby?.kept ?? new Map());
const logs = logDirectoryOf(configuration);
mkdirSync(logs, { recursive: true });
const runner = await assembleRunner(
  {
    clock: systemClock,
    makeUuid: randomUUID,
    database: fencedDatabase(database, lead),
    store,
    term: lead.term,
    logFiles: openLogFiles(logs, openDiskRoom({ directory: logs, clock: systemClock, logger })),
    uploads: noUploads,
    logger,
    createFarm,
    serve: (handlers) =>
      serveRunner({
        bind: parseBind(options.grpcBind),
        tokens: () => null,
        storeDirectory: directory,
        handlers,
      }),
  },
  configuration,
);
tell({ type: 'ready' });
setInterval(() => tell({ type: 'counts', ...runner.view.counts() }), 100);

process.on('SIGTERM', () => void stop());
process.on('disconnect', () => process.exit(0));

async function stop(): Promise<void> {
  await runner[Symbol.asyncDispose]();
  await lead[Symbol.asyncDispose]();
  await database.close();
  process.exit(0);
}

/** Nobody looks at it. */
const narHash = computeHash('sha256', '');

/** What builders say that they built is a file in the store's folder, and all are as large. */
function withoutDaemon(real: RunnerStore): RunnerStore {
  const isThere = (path: StorePath): boolean => existsSync(join(directory, path));
  return {
    ...real,
    identity: null,
    validPaths: async (paths) => new Set(paths.filter(isThere)),
    measure: async (paths) =>
      new Map(paths.filter(isThere).map((path) => [path, { path, narHash, ...builtSizes }])),
  };
}
