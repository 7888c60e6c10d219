import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { derivationPath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { startBuilder } from '../builder/builder.ts';
import type { Builder } from '../builder/builder.ts';
import { builderConfigurationSchema } from '../builder/configuration.ts';
import type { Database } from '../database/connection/connection.ts';
import { takeLead } from '../database/lead.ts';
import { recordEvaluation } from '../database/evaluations/record-evaluation.ts';
import { testDatabase } from '../database/testing.ts';
import { addJobset, evaluationOf, jobNamed } from '../database/testing-farm.ts';
import { buildId } from '../farm/identity.ts';
import { createLogger } from '../logging/logger.ts';
import { parseBind } from '../protocol/bind.ts';
import { runnerConfigurationSchema } from '../runner/settings/configuration.ts';
import { attemptLogPath, logFilePath } from '../runner/logs/log-files.ts';
import { startRunner } from '../runner/runner.ts';
import type { RunnerOptions, ServedRunner } from '../runner/runner.ts';
import { instantiate } from './instantiate.ts';

/** A row of `BuildSteps`. */
export type StepRow = {
  readonly number: number;
  readonly busy: number;
  readonly status: number | null;
  readonly message: string | null;
  readonly startTime: number;
  readonly machine: string;
};

export type QueuedScript = { readonly build: number; readonly derivation: string };

/** Parts of a farm in this process, over a real daemon, a real database and real sockets; each can come and go. */
export interface LiveFarm extends AsyncDisposable {
  readonly daemon: PrivateDaemon;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly folder: string;
  /** What the parts said. */
  readonly lines: readonly string[];
  startRunner(
    settings?: Readonly<Record<string, unknown>>,
    options?: Pick<RunnerOptions, 'guardPace'>,
  ): Promise<ServedRunner>;
  startBuilder(endpoint: string, options?: BuilderChoices): Promise<Builder>;
  /** Queues a script as a build of its own; `attributes` of its derivation in Nix's language. */
  queue(name: string, script: string, attributes?: string): Promise<QueuedScript>;
  /** Queues the derivations of a set in Nix's language, in which `run` is to be had, as an evaluation; by their names in it. */
  queueAll(set: string, jobset?: string): Promise<Record<string, QueuedScript>>;
  steps(build: number): Promise<StepRow[]>;
  /** Resolves with the build's status when it has one. */
  statusOf(build: number): Promise<number>;
  /** Resolves when the runner has so much of the log of an attempt that goes on. */
  logGrows(queued: QueuedScript, step: number, text: string): Promise<unknown>;
  /** Of a finished attempt; under the derivation's own name where none is given. */
  logOf(queued: QueuedScript, step?: number): Promise<string>;
}

export type BuilderChoices = {
  readonly hostname?: string;
  readonly stateDirectory?: string;
  /** It takes its store for one of its own, and hands over what it builds. */
  readonly apart?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
};

const pollMilliseconds = 10;

export async function openLiveFarm({
  daemonSettings = {},
  programs,
}: {
  /** Lines for its nix.conf. */
  readonly daemonSettings?: Readonly<Record<string, string>>;
  /** The folder of another Nix than this machine's. */
  readonly programs?: string;
} = {}): Promise<LiveFarm> {
  await using opening = new AsyncDisposableStack();
  const daemon = opening.use(await startPrivateDaemon(daemonSettings, { programs }));
  const { database, url: databaseUrl } = opening.use(await testDatabase());
  const folder = opening.adopt(await mkdtemp(join(tmpdir(), 'live-')), (path) =>
    rm(path, { recursive: true }),
  );
  const lines: string[] = [];
  const logger = createLogger({
    program: 'farm',
    level: 'debug',
    destination: { isTerminal: false, write: (text) => void lines.push(text) },
  });
  const logDirectory = join(folder, 'build-logs');

  const queueAll: LiveFarm['queueAll'] = async (set, name = 'jobset') => {
    const jobset = await addJobset(database, 'project', name);
    const found = await instantiate(daemon, set);
    const jobs = found.map(({ job, derivation, outputs }) => ({
      ...jobNamed(job),
      derivation,
      outputs,
    }));
    const builds = await database.transaction((transaction) =>
      recordEvaluation(transaction, evaluationOf(jobset, jobs)),
    );
    return Object.fromEntries(
      found.map(({ job, derivation }, index) => [
        job,
        { build: builds[index] ?? 0, derivation: basename(derivation) },
      ]),
    );
  };

  const steps = (build: number): Promise<StepRow[]> =>
    database.query<StepRow>(
      `select stepnr as number, busy, status, errormsg as message, starttime::int4 as "startTime", machine
       from buildsteps where build = $1 order by stepnr`,
      [build],
    );
  const open = opening.move();
  return {
    daemon,
    database,
    databaseUrl,
    folder,
    lines,
    startRunner: async (settings = {}, options = {}) => {
      await using starting = new AsyncDisposableStack();
      const lead = starting.use(
        await takeLead(
          { url: databaseUrl, applicationName: 'test' },
          { patienceMilliseconds: Infinity, onStandby: () => {} },
        ),
      );
      const runner = starting.use(
        await startRunner({
          configuration: runnerConfigurationSchema.parse({ hydraDataDir: folder, ...settings }),
          database,
          lead,
          daemon: daemon.address,
          grpcBind: parseBind(join(folder, 'runner')),
          restBind: parseBind('127.0.0.1:0'),
          tokens: () => null,
          emergencyTokens: () => null,
          logger,
          ...options,
        }),
      );
      const running = starting.move();
      return { ...runner, [Symbol.asyncDispose]: () => running.disposeAsync() };
    },
    startBuilder: async (
      gatewayEndpoint,
      { settings, hostname = 'ares', stateDirectory, apart = false } = {},
    ) =>
      startBuilder({
        gatewayEndpoint,
        hostname,
        stateDirectory: stateDirectory ?? null,
        token: null,
        tls: null,
        configuration: builderConfigurationSchema.parse({ maxJobs: 2, ...settings }),
        daemon: daemon.address,
        environment: apart ? await lookApart(daemon) : daemon.environment,
        logger,
      }),
    queueAll,
    queue: async (name, script, attributes = '{}') => {
      const queued = await queueAll(
        `{ ${name} = run "${name}" ${JSON.stringify(script)} ${attributes}; }`,
      );
      return queued[name] ?? assert.fail();
    },
    steps,
    statusOf: async (build) => {
      for (;;) {
        const [row] = await database.query<{ status: number | null }>(
          'select buildstatus as status from builds where id = $1 and finished = 1',
          [build],
        );
        if (row?.status !== undefined && row.status !== null) return row.status;
        await sleep(pollMilliseconds);
      }
    },
    logGrows: ({ derivation: name, build }, stepNumber, text) => {
      const log = { derivation: derivationPath(name), build: buildId(build), stepNumber };
      const path = attemptLogPath(logDirectory, log);
      return until(() =>
        readFile(path, 'utf8').then(
          (has) => has === text,
          () => false,
        ),
      );
    },
    logOf: async ({ derivation: name, build }, step) => {
      const derivation = derivationPath(name);
      const path =
        step === undefined
          ? logFilePath(logDirectory, derivation)
          : attemptLogPath(logDirectory, { derivation, build: buildId(build), stepNumber: step });
      return zstdDecompressSync(await readWhenThere(`${path}.zst`)).toString('latin1');
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** The same store, which seems to lie elsewhere. */
export async function lookApart({ directory, address, environment }: PrivateDaemon) {
  const real = join(directory, 'elsewhere');
  await symlink(address.storeDirectory, real).catch(() => {});
  return { ...environment, NIX_REMOTE: `unix://${address.socketPath}?real=${real}` };
}

/** Resolves when `look` finds something. */
export async function until<Found>(
  look: () => Promise<Found | undefined | null | false> | Found | undefined | null | false,
): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    await sleep(pollMilliseconds);
  }
}

/** Logs are compressed when nobody waits for it any more. */
const readWhenThere = (path: string): Promise<Buffer> =>
  until(() => readFile(path).catch(() => null));
