import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import { finishBuilds } from '../../database/builds/finish-builds.ts';
import type { FinishedBuild } from '../../database/builds/finish-builds.ts';
import { replaceBuildResults } from '../../database/builds/replace-build-results.ts';
import type { BuildResults } from '../../database/builds/replace-build-results.ts';
import type { Transaction } from '../../database/connection/connection.ts';
import { together } from '../../database/connection/together.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { buildStatusNumber } from '../../database/status.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { BuildOutcome } from '../../farm/outcome.ts';
import { notifyFinishedBuilds } from './finished-build-notifications.ts';
import { printBuiltOutputs } from './print-outputs.ts';

/** What became of builds, what they produced, and the notifications about it. */
export async function recordFinishedBuilds(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  store: StoreDirectory,
): Promise<void> {
  const successes = effects.filter((effect) => effect.type === 'succeed-build');
  const failures = effects.filter((effect) => effect.type === 'fail-build');
  if (successes.length + failures.length === 0) return;
  const results = successes.map((success) => resultRow(success, store));
  const rows = [...successes.map(successRow), ...failures.map(failureRow)];
  const [, changed] = await together([
    replaceBuildResults(transaction, results),
    finishBuilds(transaction, rows),
  ]);
  await notifyFinishedBuilds(transaction, effects, new Set(changed));
}

function resultRow(
  { build, result }: Effect<'succeed-build'>,
  store: StoreDirectory,
): BuildResults {
  return {
    build,
    outputs: printBuiltOutputs(store, result),
    products: result.products.map((product) => ({
      ...product,
      path: join(printStorePath(store, product.storePath), product.subPath),
    })),
    metrics: result.metrics,
  };
}

function successRow(effect: Effect<'succeed-build'>): FinishedBuild {
  const outputs = [...effect.result.outputs.values()];
  const outcome: BuildOutcome = effect.result.failedMarker ? 'failed-with-output' : 'succeeded';
  return {
    build: effect.build,
    status: buildStatusNumber(outcome),
    startTime: epochSeconds(effect.startedAt),
    stopTime: epochSeconds(effect.stoppedAt),
    cached: effect.cached,
    notifies: true,
    size: sum(outputs.map(({ narSize }) => narSize)),
    closureSize: sum(outputs.map(({ closureSize }) => closureSize)),
    releaseName: effect.result.releaseName,
  };
}

function failureRow(effect: Effect<'fail-build'>): FinishedBuild {
  return {
    build: effect.build,
    status: buildStatusNumber(effect.outcome),
    startTime: epochSeconds(effect.startedAt),
    stopTime: epochSeconds(effect.stoppedAt),
    cached: effect.cached,
    notifies: !effect.unreadable,
    size: null,
    closureSize: null,
    releaseName: null,
  };
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

const join = (path: string, subPath: string): string =>
  subPath === '' ? path : `${path}/${subPath}`;
