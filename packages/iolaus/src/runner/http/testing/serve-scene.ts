import assert from 'node:assert/strict';
import { derivationPath } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import { systemClock } from '../../../clock/system-clock.ts';
import { queueBuilds } from '../../../database/testing-farm.ts';
import { testDatabase } from '../../../database/testing.ts';
import type { FarmEvent } from '../../../farm/event.ts';
import { createFarm } from '../../../farm/farm.ts';
import { builderId, instant, jobsetId } from '../../../farm/identity.ts';
import { createLogger } from '../../../logging/logger.ts';
import { parseBind } from '../../../protocol/bind.ts';
import { parseMachineUuid } from '../../../protocol/identity.ts';
import type { Join, Ping } from '../../../protocol/join.ts';
import { Attempts } from '../../attempts/attempts.ts';
import { farmSettings, runnerConfigurationSchema } from '../../settings/configuration.ts';
import { openMetrics } from '../metrics/metrics.ts';
import { openObservatory } from '../../observation/observatory.ts';
import { serveRest } from '../rest-server.ts';
import { orderRoutes } from '../order-routes.ts';
import type { Orders } from '../order-routes.ts';
import { restRoutes } from '../routes.ts';
import type { Changes } from '../routes.ts';

export type Scene = AsyncDisposable & {
  readonly url: string;
  /** What was asked to be changed. */
  readonly asked: readonly unknown[];
};

/** A derivation of the name. */
export const derivationNamed = (name: string): DerivationPath =>
  derivationPath(`${'0'.repeat(32)}-${name}.drv`);

/**
 * The HTTP interface of a farm with two builds, `upper` that needs `lower`, which runs on the machine `ares`; a third,
 * `foreign`, is of a system that nobody builds.
 */
export async function serveScene(options: {
  readonly bind?: string;
  readonly tokens?: readonly string[] | null;
  readonly emergencyTokens?: readonly string[] | null;
}): Promise<Scene> {
  await using starting = new AsyncDisposableStack();
  const { database } = starting.use(await testDatabase());
  const ids = await queueBuilds(database, ['upper', 'lower', 'foreign']);
  const configuration = runnerConfigurationSchema.parse({});
  const observatory = openObservatory(systemClock);
  const farm = observatory.ledger.watchFarm(createFarm(farmSettings(configuration)));
  const attempts = new Attempts(() => crypto.randomUUID(), systemClock);
  const tell = (event: FarmEvent): void => {
    for (const effect of farm.apply(event, instant(systemClock.now()))) {
      if (effect.type !== 'start-attempt') continue;
      const { attempt, step, builder, build, hostname, startedAt } = effect;
      const { derivation } = step;
      attempts.add({
        attempt,
        derivation,
        builder,
        build,
        hostname,
        startedAt,
        maxSilentSeconds: 0,
        timeoutSeconds: 0,
        isGranted: false,
      });
    }
  };
  const jobset = jobsetId(1);
  tell({ type: 'jobset-seen', jobset, shares: 50, usedSeconds: 100 });
  tell({
    type: 'builds-queued',
    builds: ids.map((id, index) => ({
      id,
      derivation: derivationNamed(names[index] ?? ''),
      jobset,
      globalPriority: 0,
      localPriority: 100,
      maxSilentSeconds: null,
      timeoutSeconds: null,
    })),
    steps: names.map((name) => ({
      derivation: derivationNamed(name),
      system: name === 'foreign' ? 'riscv64-linux' : 'x86_64-linux',
      requiredFeatures: [],
      outputs: new Map(),
      failedBefore: false,
      inputs: name === 'upper' ? [derivationNamed('lower')] : [],
    })),
  });
  const builder = builderId('one');
  tell({ type: 'builder-joined', builder, facts: { ...builderFacts } });
  tell({
    type: 'builder-pinged',
    builder,
    health: { buildDirectoryFreePercent: 50, storeFreePercent: 50 },
  });
  observatory.fleet.welcome(join).hear(ping);

  const sight = observatory.look({
    database,
    farm,
    attempts,
    configuration: () => configuration,
    substitutes: { started: 0, succeeded: 0, failed: 0 },
    overflowCopies: { queued: 0, succeeded: 0, failed: 0 },
  });
  const bucket = { put: transfers, get: transfers, head: 3 };
  const seen = {
    ...sight,
    publishing: {
      waiting: async () => [waitingUpload],
      traffic: () => new Map([['cache', bucket]]),
    },
  };
  const asked: unknown[] = [];
  const changes: Changes = {
    submit: async (...parameters) => void asked.push(parameters),
    take: async (build) => void asked.push(build),
  };
  const metrics = openMetrics(observatory.registry, seen, () => new Map([['stranger', 2]]));
  const orders: Orders = {
    give: async (order) => {
      asked.push(order);
      return order.type === 'host-released' ? 'there is no such host' : null;
    },
    standing: () => farm.survey.orders(),
    forgetFailures: async (which) => asked.push(which),
  };
  const rest = starting.use(
    await serveRest({
      bind: parseBind(options.bind ?? '127.0.0.1:0'),
      routes: [...restRoutes(seen, metrics, changes), ...orderRoutes(orders)],
      tokens: () => options.tokens ?? null,
      emergencyTokens: () => options.emergencyTokens ?? null,
      logger: createLogger({ program: 'test', level: 'error' }),
    }),
  );
  const running = starting.move();
  return { url: rest.url, asked, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const names = ['upper', 'lower', 'foreign'];

const builderFacts = {
  hostname: 'ares',
  systems: ['x86_64-linux'],
  supportedFeatures: ['kvm'],
  mandatoryFeatures: [],
  slots: 4,
  ahead: 0,
  speedFactor: 2,
  cpuCount: 8,
  bogomips: 3,
  buildDirectoryThreshold: 10,
  storeThreshold: 10,
};

const transfers = { count: 2, bytes: 2 ** 20, milliseconds: 500 };

const waitingUpload = {
  id: 1,
  store: 's3://cache',
  derivation: derivationNamed('lower'),
  tries: 0,
  outputs: ['1'.repeat(32) + '-lower'],
};

const uuid = '00000000-0000-4000-8000-000000000000';
const machine = parseMachineUuid(uuid) ?? assert.fail('that is no UUID');

const join: Join = {
  machine,
  hostname: 'ares',
  systems: ['x86_64-linux'],
  supportedFeatures: ['kvm'],
  mandatoryFeatures: [],
  cpuCount: 8,
  bogomips: 3,
  speedFactor: 2,
  maxJobs: 4,
  totalMemoryBytes: 64e9,
  buildDirectoryThreshold: 10,
  storeThreshold: 10,
  load1Threshold: 8,
  cpuPressureThreshold: 75,
  memoryPressureThreshold: 80,
  ioPressureThreshold: null,
  cgroups: false,
  substituters: [],
  useSubstitutes: false,
  nixVersion: 'nix (Nix) 2.31.2',
  storeIdentity: null,
  dialect: 0,
  builder: null,
  held: [],
};

const stall = { average10: 1, average60: 2, average300: 3, totalMicroseconds: 4 };

const ping: Ping = {
  machine,
  load1: 1,
  load5: 2,
  load15: 3,
  memoryUsedBytes: 5e9,
  pressure: {
    cpuSome: stall,
    memorySome: stall,
    memoryFull: stall,
    ioSome: stall,
    ioFull: stall,
    irqFull: null,
  },
  buildDirectoryFreePercent: 50,
  storeFreePercent: 50,
  pathsSubstituting: 0,
  pathsUploading: 1,
  pathsDownloading: 2,
};
