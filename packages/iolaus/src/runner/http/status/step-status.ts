import type { QueuedBuild } from '../../../database/builds/read-queued-builds.ts';
import type { SurveyedStep } from '../../../farm/explain/survey-steps.ts';

/** A build as `/status/builds` of Hydra's queue runner describes it. */
export function describeBuild(build: QueuedBuild): Record<string, unknown> {
  return {
    id: build.id,
    drvPath: build.derivation.slice(build.derivation.lastIndexOf('/') + 1),
    jobsetId: build.jobset,
    name: build.job,
    timestamp: new Date(build.timestamp * 1_000).toISOString(),
    maxSilentTime: build.maxSilentSeconds,
    timeout: build.timeoutSeconds,
    localPriority: build.localPriority,
    globalPriority: build.globalPriority,
    finishedInDb: false,
  };
}

/** A step as `/status/steps` describes it. Once runnable, always runnable: that is how the flag is meant there. */
export function describeStep(step: SurveyedStep): Record<string, unknown> {
  return {
    drvPath: step.derivation,
    runnable: step.state !== 'waiting',
    finished: false,
    previousFailure: step.failedBefore,
    created: true,
    tries: step.tries,
    highestGlobalPriority: step.globalPriority,
    highestLocalPriority: step.localPriority,
    lowestBuildId: step.lowestBuild,
    depsCount: step.inputs,
  };
}

/** A step that can start, or has, as `/status/queues` describes it. */
export function describeStepInfo(step: SurveyedStep, now: number): Record<string, unknown> {
  return {
    drvPath: step.derivation,
    alreadyScheduled: step.state === 'leased',
    runnable: true,
    finished: false,
    cancelled: false,
    runnableSince: new Date(step.since ?? now).toISOString(),
    tries: step.tries,
    // Seconds of build time a share, as Hydra counts it.
    lowestShareUsed: step.shareUsed / 1_000,
    highestGlobalPriority: step.globalPriority,
    highestLocalPriority: step.localPriority,
    lowestBuildId: step.lowestBuild,
  };
}
