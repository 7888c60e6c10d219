import assert from 'node:assert/strict';
import { object } from './ask.ts';

/** The keys of each object that Hydra's queue runner answers with. */
const keys = {
  machine:
    'systems hostname uptime cpuCount bogomips speedFactor maxJobs buildDirAvailThreshold storeAvailThreshold ' +
    'load1Threshold cpuPsiThreshold memPsiThreshold ioPsiThreshold score totalMem supportedFeatures ' +
    'mandatoryFeatures cgroups substituters useSubstitutes nixVersion stats jobs hasCapacity hasDynamicCapacity ' +
    'hasStaticCapacity',
  stats:
    'currentJobs nrStepsDone avgStepTimeMs avgStepImportTimeMs avgStepBuildTimeMs avgStepUploadTimeMs ' +
    'totalStepTimeMs totalStepImportTimeMs totalStepBuildTimeMs totalStepUploadTimeMs idleSince lastFailure ' +
    'disabledUntil consecutiveFailures lastPing sinceLastPing load1 load5 load15 memUsage pressure ' +
    'buildDirFreePercent storeFreePercent currentUploadingPathCount currentDownloadingPathCount ' +
    'jobsInLast30sStart jobsInLast30sCount failedBuilds succeededBuilds',
  s3: 'put putBytes putTimeMs putSpeed get getBytes getTimeMs getSpeed head costDollarApprox',
  pressure: 'cpuSome memSome memFull ioSome ioFull irqFull',
  jobset: 'id projectName name seconds shares',
  build:
    'id drvPath jobsetId name timestamp maxSilentTime timeout localPriority globalPriority finishedInDb',
  step:
    'drvPath runnable finished previousFailure created tries highestGlobalPriority highestLocalPriority ' +
    'lowestBuildId depsCount',
  stepInfo:
    'drvPath alreadyScheduled runnable finished cancelled runnableSince tries lowestShareUsed ' +
    'highestGlobalPriority highestLocalPriority lowestBuildId',
  queueRunner:
    'status time uptime proc supportedFeatures buildCount jobsetCount stepCount runnableCount queueStats ' +
    'queueChecksStarted queueBuildLoads queueStepsCreated queueChecksEarlyExits queueChecksFinished ' +
    'dispatcherTimeSpentRunning dispatcherTimeSpentWaiting queueMonitorTimeSpentRunning ' +
    'queueMonitorTimeSpentWaiting nrBuildsRead buildReadTimeMs nrBuildsUnfinished nrBuildsDone nrBuildsSucceeded ' +
    'nrBuildsFailed nrStepsStarted nrStepsDone nrStepsBuilding nrStepsWaiting nrStepsRunnable nrStepsUnfinished ' +
    'nrUnsupportedSteps nrUnsupportedStepsAborted nrSubstitutesStarted nrSubstitutesFailed ' +
    'nrSubstitutesSucceeded nrRetries maxNrRetries avgStepTimeMs avgStepImportTimeMs avgStepBuildTimeMs ' +
    'avgStepUploadTimeMs totalStepTimeMs totalStepImportTimeMs totalStepBuildTimeMs totalStepUploadTimeMs ' +
    'nrQueueWakeups nrDispatcherWakeups dispatchTimeMs machinesTotal machinesInUse s3UploadsPending',
  queueStats:
    'activeRunnable totalRunnable nrRunnableWaiting nrRunnableDisabled avgRunnableTime waitTimeMs',
} as const;

/** Descends into an answer by keys, and checks that what is there has exactly Hydra's. */
export function assertKeys(
  answer: unknown,
  path: readonly string[],
  shape: keyof typeof keys,
): void {
  let value = answer;
  for (const key of path) value = object.parse(value)[key];
  assert.deepEqual(Object.keys(object.parse(value)).toSorted(), keys[shape].split(' ').toSorted());
}
