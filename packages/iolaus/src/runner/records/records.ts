import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory, StorePath } from '@iolaus/nix';
import type { Database, Transaction } from '../../database/connection/connection.ts';
import { finishBuilds } from '../../database/builds/finish-builds.ts';
import { finishSteps } from '../../database/steps/finish-steps.ts';
import { deleteGrants, insertGrants } from '../../database/steps/grants.ts';
import { insertBusySteps } from '../../database/steps/insert-busy-steps.ts';
import { insertFinishedSteps } from '../../database/steps/insert-finished-steps.ts';
import { lockBuilds } from '../../database/builds/lock-builds.ts';
import { buildFinished, notify } from '../../database/notify.ts';
import type { Notification } from '../../database/notify.ts';
import { replaceBuildResults } from '../../database/builds/replace-build-results.ts';
import { buildStatusNumber, phaseNumber, stepStatusNumber } from '../../database/status.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { BuildResult } from '../../farm/facts.ts';
import type { AttemptNumber, BuildId, Instant } from '../../farm/identity.ts';
import type { BuildOutcome } from '../../farm/outcome.ts';
import type { Attempts } from '../attempts/attempts.ts';
import { findOrigins, recordLastingFailures } from '../ingest/cached-failures.ts';
import { logFilePath } from '../logs/log-files.ts';
import type { Realised } from '../resolution/realised.ts';
import { recordRealisations, recordResolved } from '../resolution/record-realisations.ts';
import { recordRetryPlans } from '../attempts/retry-plans.ts';
import { recordOrders } from '../standing-orders.ts';
import type { Uploads } from '../uploads/uploads.ts';

type Effect<Type extends FarmEffect['type']> = Extract<FarmEffect, { readonly type: Type }>;

/** Writes what the farm decided as Hydra's pages expect it. The only writer of the build tables. */
export type Records = {
  /** All of it in one transaction, notifications included. */
  readonly write: (effects: readonly FarmEffect[]) => Promise<void>;
};

export function openRecords(options: {
  readonly database: Database;
  readonly storeDirectory: StoreDirectory;
  readonly logDirectory: string;
  readonly attempts: Attempts;
  readonly uploads: Uploads;
  readonly realised: Realised;
  /** How long failures are remembered; 0: not at all. */
  readonly rememberedSeconds: () => number;
}): Records {
  const { database, storeDirectory, logDirectory, attempts, uploads, realised, rememberedSeconds } =
    options;

  const write = async (effects: readonly FarmEffect[]): Promise<void> => {
    const started = await database.transaction((transaction) => writeAll(transaction, effects));
    uploads.wake();
    for (const [attempt, stepNumber] of started) {
      const live = attempts.byNumber(attempt);
      if (live !== undefined) live.stepNumber = stepNumber;
    }
  };

  /** In the order in which rows depend on each other; builds last, since they share a counter's row lock. */
  const writeAll = async (
    transaction: Transaction,
    decided: readonly FarmEffect[],
  ): Promise<Map<AttemptNumber, number>> => {
    const effects = leaveOutDeleted(decided, await lockBuilds(transaction, buildsOf(decided)));
    const started = await startAttempts(transaction, effects);
    await finishAttempts(transaction, effects, started);
    await changeGrants(transaction, decided, started);
    await recordRetryPlans(transaction, decided);
    await recordRealisations(transaction, decided, realised);
    await recordResolved(transaction, effects, print);
    await recordOrders(transaction, decided);
    await recordFailures(transaction, effects);
    await uploads.record(transaction, effects);
    const seconds = rememberedSeconds();
    await recordLastingFailures(transaction, effects, { store: storeDirectory, seconds });
    await finishAll(transaction, effects);
    return started;
  };

  const startAttempts = async (
    transaction: Transaction,
    effects: readonly FarmEffect[],
  ): Promise<Map<AttemptNumber, number>> => {
    const starts = effects.filter((effect) => effect.type === 'start-attempt');
    if (starts.length === 0) return new Map();
    const stepNumbers = await insertBusySteps(
      transaction,
      starts.map((start) => ({
        build: start.build,
        derivation: print(start.step.derivation),
        system: start.step.system,
        machine: start.hostname,
        startTime: toSeconds(start.startedAt),
        busy: phaseNumber('connecting'),
        outputs: printOutputs(start.step.outputs),
      })),
    );
    const started = new Map<AttemptNumber, number>();
    const notifications: Notification[] = [];
    for (const [index, start] of starts.entries()) {
      const stepNumber = stepNumbers[index] ?? 0;
      started.set(start.attempt, stepNumber);
      notifications.push({ channel: 'step_started', payload: `${start.build}\t${stepNumber}` });
      // Hydra's plugins want to hear that a build starts when its own derivation does, not the first it needs.
      if (start.isOwn) {
        notifications.push({ channel: 'build_started', payload: String(start.build) });
      }
    }
    await notify(transaction, notifications);
    return started;
  };

  const finishAttempts = async (
    transaction: Transaction,
    effects: readonly FarmEffect[],
    started: ReadonlyMap<AttemptNumber, number>,
  ): Promise<void> => {
    const finishes = effects.filter((effect) => effect.type === 'finish-attempt');
    if (finishes.length === 0) return;
    const rows = finishes.map((finish) => ({ finish, stepNumber: stepNumberOf(finish, started) }));
    await finishSteps(
      transaction,
      rows.map(({ finish, stepNumber }) => ({
        build: finish.build,
        stepNumber,
        status: stepStatusNumber(finish.outcome),
        errorMessage: finish.message,
        stopTime: toSeconds(finish.stoppedAt),
        overheadMilliseconds: overheadOf(finish),
        outputs: finish.result === null ? null : printBuiltOutputs(finish.result),
      })),
    );
    await notify(
      transaction,
      rows.map(({ finish, stepNumber }) => ({
        channel: 'step_finished',
        payload: `${finish.build}\t${stepNumber}\t${logFilePath(logDirectory, finish.derivation)}`,
      })),
    );
  };

  const stepNumberOf = (
    finish: Effect<'finish-attempt'>,
    started: ReadonlyMap<AttemptNumber, number>,
  ): number => {
    const stepNumber = started.get(finish.attempt) ?? attempts.byNumber(finish.attempt)?.stepNumber;
    if (stepNumber === undefined) throw new Error(`attempt ${finish.attempt} has no row`);
    return stepNumber;
  };

  /** What began and ended in one transaction needs none. */
  const changeGrants = async (
    transaction: Transaction,
    effects: readonly FarmEffect[],
    started: ReadonlyMap<AttemptNumber, number>,
  ): Promise<void> => {
    const finished = new Set(
      effects.filter((effect) => effect.type === 'finish-attempt').map(({ attempt }) => attempt),
    );
    const isGranted = (attempt: AttemptNumber): boolean =>
      attempts.byNumber(attempt)?.isGranted === true;
    const begun = [...started].flatMap(([attempt, stepNumber]) => {
      const live = attempts.byNumber(attempt);
      return live?.isGranted === true && !finished.has(attempt) ? [{ ...live, stepNumber }] : [];
    });
    await insertGrants(transaction, begun);
    const ended = [...finished].filter((attempt) => isGranted(attempt) && !started.has(attempt));
    await deleteGrants(transaction, ended);
  };

  const recordFailures = async (
    transaction: Transaction,
    effects: readonly FarmEffect[],
  ): Promise<void> => {
    const failures = effects.filter((effect) => effect.type === 'record-failure');
    if (failures.length === 0) return;
    const originOf = await findOrigins(transaction, failures, storeDirectory);
    await insertFinishedSteps(
      transaction,
      failures.map((failure) => ({
        build: failure.build,
        derivation: print(failure.step.derivation),
        type: 'build',
        status: stepStatusNumber(failure.outcome),
        errorMessage: failure.message,
        startTime: null,
        stopTime: null,
        machine: failure.hostname,
        system: failure.step.system,
        propagatedFrom: originOf(failure),
        outputs: printOutputs(failure.step.outputs),
      })),
    );
  };

  const finishAll = async (
    transaction: Transaction,
    effects: readonly FarmEffect[],
  ): Promise<void> => {
    const successes = effects.filter((effect) => effect.type === 'succeed-build');
    const failures = effects.filter((effect) => effect.type === 'fail-build');
    if (successes.length + failures.length === 0) return;
    await replaceBuildResults(
      transaction,
      successes.map(({ build, result }) => ({
        build,
        outputs: printBuiltOutputs(result),
        products: result.products.map((product) => ({
          ...product,
          path: join(print(product.storePath), product.subPath),
        })),
        metrics: result.metrics,
      })),
    );
    const changed = await finishBuilds(transaction, [
      ...successes.map(successRow),
      ...failures.map(failureRow),
    ]);
    await notifyFinished(transaction, effects, new Set(changed));
  };

  const print = (path: StorePath): string => printStorePath(storeDirectory, path);

  const printOutputs = (
    outputs: ReadonlyMap<string, StorePath | null>,
  ): Map<string, string | null> =>
    new Map([...outputs].map(([name, path]) => [name, path === null ? null : print(path)]));

  const printBuiltOutputs = (result: BuildResult): Map<string, string> =>
    new Map([...result.outputs].map(([name, { path }]) => [name, print(path)]));

  return { write };
}

function buildsOf(effects: readonly FarmEffect[]): BuildId[] {
  const builds = new Set<BuildId>();
  for (const effect of effects) {
    if ('build' in effect) builds.add(effect.build);
    if (effect.type === 'record-failure' && effect.propagatedFrom !== null) {
      builds.add(effect.propagatedFrom);
    }
  }
  return [...builds];
}

/** Somebody may delete a jobset with its builds at any time; nothing is recorded for what is gone. */
function leaveOutDeleted(
  effects: readonly FarmEffect[],
  present: ReadonlySet<BuildId>,
): FarmEffect[] {
  return effects
    .filter((effect) => !('build' in effect) || present.has(effect.build))
    .map((effect) =>
      effect.type === 'record-failure' &&
      effect.propagatedFrom !== null &&
      !present.has(effect.propagatedFrom)
        ? { ...effect, propagatedFrom: null }
        : effect,
    );
}

/** A failure is told once, with the builds that fail because of it behind the one that was charged. */
async function notifyFinished(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  changed: ReadonlySet<BuildId>,
): Promise<void> {
  const notifications = groupFinished(effects).flatMap((group) => {
    const [first, ...dependents] = group.filter((build) => changed.has(build));
    return first === undefined ? [] : buildFinished([first, ...dependents]);
  });
  await notify(transaction, notifications);
}

function groupFinished(effects: readonly FarmEffect[]): BuildId[][] {
  const groups: BuildId[][] = [];
  let charged: BuildId | undefined;
  let failing: BuildId[] | undefined;
  for (const effect of effects) {
    if (effect.type === 'finish-attempt') {
      charged = effect.build;
      failing = undefined;
    } else if (effect.type === 'succeed-build') {
      groups.push([effect.build]);
    } else if (effect.type === 'fail-build') {
      if (failing === undefined) groups.push((failing = []));
      if (effect.build === charged) failing.unshift(effect.build);
      else failing.push(effect.build);
    }
  }
  return groups;
}

function successRow(effect: Effect<'succeed-build'>): Parameters<typeof finishBuilds>[1][number] {
  const outputs = [...effect.result.outputs.values()];
  const outcome: BuildOutcome = effect.result.failedMarker ? 'failed-with-output' : 'succeeded';
  return {
    build: effect.build,
    status: buildStatusNumber(outcome),
    startTime: toSeconds(effect.startedAt),
    stopTime: toSeconds(effect.stoppedAt),
    cached: effect.cached,
    size: sum(outputs.map(({ narSize }) => narSize)),
    closureSize: sum(outputs.map(({ closureSize }) => closureSize)),
    releaseName: effect.result.releaseName,
  };
}

function failureRow(effect: Effect<'fail-build'>): Parameters<typeof finishBuilds>[1][number] {
  return {
    build: effect.build,
    status: buildStatusNumber(effect.outcome),
    startTime: toSeconds(effect.startedAt),
    stopTime: toSeconds(effect.stoppedAt),
    cached: effect.cached,
    size: null,
    closureSize: null,
    releaseName: null,
  };
}

/** Milliseconds of moving inputs and outputs; null where nothing moved. */
function overheadOf({ times }: Effect<'finish-attempt'>): number | null {
  const overhead = times === null ? 0 : times.importMilliseconds + times.uploadMilliseconds;
  return overhead === 0 ? null : Math.round(overhead);
}

const toSeconds = (at: Instant): number => Math.floor(at / 1000);

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

const join = (path: string, subPath: string): string =>
  subPath === '' ? path : `${path}/${subPath}`;
