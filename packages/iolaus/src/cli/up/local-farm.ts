import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DaemonAddress } from '@iolaus/nix';
import { stringify } from 'smol-toml';
import { openDatabase } from '../../database/connection/connection.ts';
import type { Database } from '../../database/connection/connection.ts';
import { startEmbeddedDatabase } from '../../database/postgres/embedded.ts';
import { prepareDatabase } from '../../database/schema/prepare.ts';
import { describeError } from '../../fault/fault.ts';
import type { RunnerProgress } from '../../runner/attempts/progress.ts';
import { openDataFolder } from '../../setup/data-folder.ts';
import type { DataFolder } from '../../setup/data-folder.ts';
import { provideDaemon } from '../../setup/nix-daemon.ts';
import type { ProvidedDaemon } from '../../setup/nix-daemon.ts';
import { findOrInstallNix } from '../../setup/nix-installation.ts';
import { Part } from './part.ts';
import type { PartOptions } from './part.ts';

// Evaluating and watching need one connection each, and one to listen.
const ownConnectionsMax = 4;

export type LocalFarmOptions = {
  readonly dataDirectory: string;
  /** An existing server's database; null: an embedded one in the data folder. */
  readonly databaseUrl: string | null;
  /** Settings of the parts, by their configuration files' keys. */
  readonly runnerSettings: Readonly<Record<string, unknown>>;
  readonly builderSettings: Readonly<Record<string, unknown>>;
  /** Steps at once; null: as many as there are cores. */
  readonly slots: number | null;
  /** Where the page is to be; null: nowhere. */
  readonly page: PagePlace | null;
  /** A line for the person who waits. */
  readonly say: (line: string) => void;
  /** Aborted while the farm starts, what has begun is stopped, and the start rejects with the signal's reason. */
  readonly signal: AbortSignal;
};

export type PagePlace = {
  readonly host: string;
  /** `orAnother`: any free port will do where somebody else has the wanted one. */
  readonly port: { readonly wanted: number; readonly orAnother: boolean };
};

/** A whole farm on this machine: daemon, database, runner, builder and, if wanted, the page. */
export interface LocalFarm extends AsyncDisposable {
  readonly daemon: DaemonAddress;
  /** For Nix commands that shall work on the farm's store. */
  readonly nixEnvironment: NodeJS.ProcessEnv;
  readonly database: Database;
  readonly pageUrl: string | null;
  readonly processIds: Readonly<
    Record<'runner' | 'builder' | 'database' | 'daemon', number | null>
  >;
  /** The last that the runner told. */
  progress(): RunnerProgress | undefined;
}

export async function startLocalFarm(options: LocalFarmOptions): Promise<LocalFarm> {
  await using starting = new AsyncDisposableStack();
  // A database that will not do is told before anything else is begun.
  const existing =
    options.databaseUrl === null ? null : await connect(options.databaseUrl, starting);
  const folder = starting.use(await openDataFolder(options.dataDirectory));
  const daemon = starting.use(
    await provideDaemon({
      dataDirectory: folder.path,
      socketPath: folder.socketPath('nix'),
      nix: findOrInstallNix({ say: options.say }),
      environment: process.env,
    }),
  );
  const { url, database, databaseProcess } =
    existing ?? (await startDatabase(folder, options.say, starting));

  const { say, signal } = options;
  const place: Place = { folder, daemon, databaseUrl: url, say, signal };
  const parts = await startParts(place, options, starting);
  const running = starting.move();

  return {
    daemon: daemon.address,
    nixEnvironment: { ...process.env, ...daemon.environment },
    database,
    pageUrl: parts.pageUrl,
    get processIds() {
      return {
        ...parts.processIds,
        database: databaseProcess(),
        daemon: daemon.processId,
      };
    },
    progress: () => parts.progress,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Runner, builder and, if wanted, the page; each is told where the former one is. */
async function startParts(
  place: Place,
  { runnerSettings, builderSettings, slots, page }: LocalFarmOptions,
  resources: AsyncDisposableStack,
) {
  let progress: RunnerProgress | undefined;
  const runner = await startRunnerPart(place, runnerSettings, (next) => {
    progress = next;
  });
  resources.use(runner.part);
  const maxJobs = slots ?? builderSettings['maxJobs'] ?? availableParallelism();
  const builder = await startBuilderPart(place, { ...builderSettings, maxJobs }, runner.address);
  // Stopped before the runner: it takes its leave, so that the runner closes the rows of what it was doing.
  resources.use(builder.part);
  const server = page === null ? null : await startServerPart(place, page);
  if (server !== null) resources.use(server.part);
  return {
    pageUrl: server?.address ?? null,
    get progress() {
      return progress;
    },
    get processIds() {
      return {
        runner: runner.part.processId ?? null,
        builder: builder.part.processId ?? null,
      };
    },
  };
}

type Place = {
  readonly folder: DataFolder;
  readonly daemon: ProvidedDaemon;
  readonly databaseUrl: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
};

type ProvidedDatabase = {
  readonly url: string;
  readonly database: Database;
  /** Another one after a crash. Null: not ours. */
  readonly databaseProcess: () => number | null;
};

async function connect(url: string, starting: AsyncDisposableStack): Promise<ProvidedDatabase> {
  const database = starting.adopt(
    await openDatabase({ url, maxConnections: ownConnectionsMax, applicationName: 'iolaus' }),
    (opened) => opened.close(),
  );
  await prepareDatabase(database);
  return { url, database, databaseProcess: () => null };
}

async function startDatabase(
  folder: DataFolder,
  say: (line: string) => void,
  starting: AsyncDisposableStack,
): Promise<ProvidedDatabase> {
  const embedded = starting.adopt(
    await startEmbeddedDatabase({
      directory: join(folder.path, 'postgresql'),
      // PostgreSQL names the socket itself, in a folder that is told.
      socketDirectory: dirname(folder.socketPath(join('postgresql', '.s.PGSQL.5432'))),
      onTrouble: (error) => say(describeError(error)),
    }),
    (server) => server.stop(),
  );
  const connected = await connect(embedded.url, starting);
  return { ...connected, databaseProcess: () => embedded.pid };
}

async function startRunnerPart(
  place: Place,
  settings: Readonly<Record<string, unknown>>,
  onProgress: (progress: RunnerProgress) => void,
): Promise<{ part: Part; address: string }> {
  const config = writeSettings(place, 'runner', {
    ...settings,
    hydraDataDir: place.folder.path,
    maxDbConnections: 8,
  });
  return Part.start({
    ...partOptions(place, 'runner'),
    // A socket in the farm's own folder stays the same when the runner is started again, and is nobody else's business.
    parameters: [
      `--config=${config}`,
      `--grpc-bind=${place.folder.socketPath('runner')}`,
      `--rest-bind=${statusSocket(place)}`,
    ],
    onMessage: (message) => {
      if (message.type === 'progress') onProgress(message.progress);
    },
  });
}

function startBuilderPart(
  place: Place,
  settings: Readonly<Record<string, unknown>>,
  endpoint: string,
): Promise<{ part: Part; address: string }> {
  const config = writeSettings(place, 'builder', settings);
  return Part.start({
    ...partOptions(place, 'builder'),
    parameters: [
      `--config=${config}`,
      `--gateway-endpoint=${endpoint}`,
      `--state-dir=${join(place.folder.path, 'builder')}`,
    ],
  });
}

function startServerPart(
  place: Place,
  { host, port }: PagePlace,
): Promise<{ part: Part; address: string }> {
  return Part.start({
    ...partOptions(place, 'server'),
    parameters: [
      `--data-dir=${place.folder.path}`,
      `--host=${host}`,
      `--port=${port.wanted}`,
      `--runner-url=unix://${pathToFileURL(statusSocket(place)).pathname}`,
      ...(port.orAnother ? ['--or-another-port'] : []),
    ],
  });
}

/** Where the runner tells its machines. */
const statusSocket = ({ folder }: Place): string => folder.socketPath('status');

function partOptions(place: Place, name: PartOptions['name']): Omit<PartOptions, 'parameters'> {
  const logs = join(place.folder.path, 'logs');
  mkdirSync(logs, { recursive: true });
  return {
    name,
    environment: {
      ...process.env,
      ...place.daemon.environment,
      HYDRA_DATABASE_URL: place.databaseUrl,
    },
    logFile: join(logs, `${name}.log`),
    signal: place.signal,
    onRestart: (reason, milliseconds) => {
      place.say(`the ${name} ${reason}; starting it again in ${milliseconds / 1_000} s`);
    },
  };
}

function writeSettings(
  place: Place,
  name: string,
  settings: Readonly<Record<string, unknown>>,
): string {
  const file = join(place.folder.path, 'run', `${name}.toml`);
  mkdirSync(join(place.folder.path, 'run'), { recursive: true });
  writeFileSync(file, stringify(settings));
  return file;
}
