import type { StepChange } from '../../../farm/graph/step-state.ts';
import { seeMachines, seeSystems } from '../../observation/sight.ts';
import type { Sight } from '../../observation/sight.ts';
import { describeProcess } from './process-status.ts';
import { describeTimes } from './step-times.ts';

/** Figures that both `/status` and `/metrics` tell, under names of our own. */
export function countEverything(sight: Sight): Figures {
  const { farm, ledger, clock, startedAt } = sight;
  const { totals } = ledger;
  const counts = farm.view.counts();
  const changes = farm.view.changes();
  const times = (change: StepChange): number => changes.get(change) ?? 0;
  const machines = [...seeMachines(sight).values()];
  const finishedSteps = endings.reduce((sum, change) => sum + times(change), 0);
  const elapsed = 1_000 * (clock.now() - startedAt);
  return {
    ...counts,
    ...totals,
    waitingForQueue: Math.max(0, elapsed - totals.checking),
    waitingForDecisions: Math.max(0, elapsed - totals.deciding),
    stepsCreated: counts.steps + finishedSteps,
    startableSteps: counts.steps - counts.waiting,
    unsupported: farm.survey.unsupportedSteps(),
    unsupportedAborted: times('unsupported'),
    abandoned: times('withdrawn') + times('failed-before'),
    retries: times('postponed') + times('returned'),
    machines: machines.length,
    machinesInUse: machines.filter(({ jobs }) => jobs.length > 0).length,
    pathsUploading: sumOf(machines, ({ member }) => member.ping?.pathsUploading ?? 0),
    pathsDownloading: sumOf(machines, ({ member }) => member.ping?.pathsDownloading ?? 0),
    substitutes: sight.substitutes,
    overflowCopies: sight.overflowCopies,
  };
}

const endings: readonly StepChange[] = [
  'succeeded',
  'found-built',
  'failed',
  'failed-before',
  'unsupported',
  'input-failed',
  'withdrawn',
];

export type Figures = ReturnType<Sight['farm']['view']['counts']> &
  Sight['ledger']['totals'] & {
    /** Microseconds. */
    readonly waitingForQueue: number;
    readonly waitingForDecisions: number;
    readonly stepsCreated: number;
    /** Runnable now, or once. */
    readonly startableSteps: number;
    readonly unsupported: number;
    readonly unsupportedAborted: number;
    /** Steps that were left without being tried. */
    readonly abandoned: number;
    readonly retries: number;
    readonly machines: number;
    readonly machinesInUse: number;
    readonly pathsUploading: number;
    readonly pathsDownloading: number;
    readonly substitutes: Sight['substitutes'];
    readonly overflowCopies: Sight['overflowCopies'];
  };

/** The object `queueRunner` of `/status`. */
export function describeRunner(sight: Sight, uploadsPending: number): Record<string, unknown> {
  const figures = countEverything(sight);
  const now = sight.clock.now();
  const features = new Set<string>();
  for (const { facts } of sight.farm.survey.builders()) {
    for (const feature of facts.supportedFeatures) features.add(feature);
  }
  return {
    status: 'up',
    time: new Date(now).toISOString(),
    uptime: (now - sight.startedAt) / 1_000,
    proc: describeProcess(),
    supportedFeatures: [...features].toSorted(),
    buildCount: figures.builds,
    jobsetCount: [...sight.farm.survey.jobsets()].length,
    stepCount: figures.steps,
    runnableCount: figures.startableSteps,
    queueStats: describeSystems(sight),
    ...describeQueue(figures),
    ...describeSteps(figures),
    nrQueueWakeups: figures.checksStarted,
    nrDispatcherWakeups: figures.decisions,
    dispatchTimeMs: Math.round(figures.deciding / 1_000),
    machinesTotal: figures.machines,
    machinesInUse: figures.machinesInUse,
    s3UploadsPending: uploadsPending,
  };
}

function describeSystems(sight: Sight): Record<string, unknown> {
  return Object.fromEntries(
    [...seeSystems(sight)].map(([system, { runnable, leased, backingOff }]) => [
      system,
      {
        activeRunnable: leased,
        totalRunnable: runnable + leased + backingOff,
        nrRunnableWaiting: runnable,
        nrRunnableDisabled: backingOff,
        avgRunnableTime: 0,
        waitTimeMs: sight.ledger.waitMillisecondsOf(system),
      },
    ]),
  );
}

function describeQueue(figures: Figures): Record<string, number> {
  return {
    queueChecksStarted: figures.checksStarted,
    queueBuildLoads: figures.buildsRead,
    queueStepsCreated: figures.stepsCreated,
    // A pass ends when it is through: it is never too long, since it reads what is new.
    queueChecksEarlyExits: 0,
    queueChecksFinished: figures.checksFinished,
    dispatcherTimeSpentRunning: Math.round(figures.deciding),
    dispatcherTimeSpentWaiting: Math.round(figures.waitingForDecisions),
    queueMonitorTimeSpentRunning: Math.round(figures.checking),
    queueMonitorTimeSpentWaiting: Math.round(figures.waitingForQueue),
    nrBuildsRead: figures.buildsRead,
    buildReadTimeMs: Math.round(figures.checking / 1_000),
    nrBuildsUnfinished: figures.builds,
    nrBuildsDone: figures.buildsSucceeded + figures.buildsFailed,
    nrBuildsSucceeded: figures.buildsSucceeded,
    nrBuildsFailed: figures.buildsFailed,
  };
}

function describeSteps(figures: Figures): Record<string, number> {
  return {
    nrStepsStarted: figures.stepsStarted,
    nrStepsDone: figures.stepsFinished,
    nrStepsBuilding: figures.leased,
    nrStepsWaiting: figures.runnable,
    nrStepsRunnable: figures.startableSteps,
    nrStepsUnfinished: figures.steps,
    nrUnsupportedSteps: figures.unsupported,
    nrUnsupportedStepsAborted: figures.unsupportedAborted,
    nrSubstitutesStarted: figures.substitutes.started,
    nrSubstitutesFailed: figures.substitutes.failed,
    nrSubstitutesSucceeded: figures.substitutes.succeeded,
    nrRetries: figures.retries,
    maxNrRetries: figures.maxTries,
    ...describeTimes(figures.times, figures.stepsFinished),
  };
}

const sumOf = <Item>(items: readonly Item[], figure: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + figure(item), 0);
