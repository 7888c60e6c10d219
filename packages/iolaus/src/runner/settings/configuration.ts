import { z } from 'zod';
import type { FarmSettings } from '../../farm/event.ts';
import { capacityRules, machineOrders } from '../../farm/placement/policy.ts';
import { selectionNames } from '../../farm/selection/policy.ts';

// What Hydra's runner counts in 32 bits; 64 bits are more than numbers here hold exactly, and than anybody needs.
const [signedMax, unsignedMax] = [2 ** 31 - 1, 2 ** 32 - 1];
const seconds = z.number().int().nonnegative().max(signedMax);
/** Hydra takes any number of seconds below zero, or zero, for never. */
const secondsOrNever = z.number().int().max(signedMax);
const count = z.number().int().max(unsignedMax);

/**
 * The runner's configuration file (TOML). Names and defaults are those of Hydra's queue runner
 * (`hydra-queue-runner`, its section on configuration); only steps and machines are chosen in our own way where nothing
 * else is said. Unknown keys are an error there as here.
 */
export const runnerConfigurationSchema = z.strictObject({
  hydraDataDir: z.string().min(1).default('/tmp/hydra'),
  dbUrl: z.string().min(1).default('postgres://hydra@%2Frun%2Fpostgresql:5432/hydra'),
  maxDbConnections: count.min(1).default(128),
  machineSortFn: z.enum(machineOrders).default('BestFit'),
  machineFreeFn: z.enum(capacityRules).default('Predicted'),
  stepSortFn: z.enum(selectionNames).default('TwoLevel'),
  dispatchTriggerTimerInS: secondsOrNever.default(120),
  queueTriggerTimerInS: secondsOrNever.default(-1),
  remoteStoreAddr: z.array(z.string()).default([]),
  useSubstitutes: z.boolean().default(false),
  rootsDir: z.string().min(1).optional(),
  maxRetries: count.nonnegative().default(5),
  retryInterval: seconds.default(60),
  retryBackoff: z.number().nonnegative().max(1_000).default(3),
  maxUnsupportedTimeInS: secondsOrNever.default(120),
  /** Not Hydra's: how long attempts wait for a builder whose tunnel is gone; 0: they are given up with it. */
  rejoinTimeInS: seconds.default(120),
  /** Not Hydra's: a builder that sends no ping for so long gets no more work, and is lost after three times as long; 0: never. */
  silentBuilderTimeInS: seconds.default(300),
  /** Not Hydra's: for how long what has failed for good is not tried again; 0: it is, whenever somebody wants it. */
  failedPathsTtlInS: seconds.default(0),
  /** Not Hydra's: files with tokens for who may declare an emergency; absent: who is on this machine. */
  emergencyTokenPaths: z.array(z.string()).optional(),
  stopQueueRunAfterInS: secondsOrNever.default(60),
  maxConcurrentDownloads: count.min(1).default(5),
  concurrentUploadLimit: count.min(1).default(5),
  tokenPaths: z.array(z.string()).optional(),
  /** Not Hydra's: the file with the key that a provisioner signs join tokens with. */
  joinKeyPath: z.string().min(1).optional(),
  enableFodChecker: z.boolean().default(false),
  usePresignedUploads: z.boolean().default(false),
  /** Not Hydra's: sign what builders have uploaded without reading it. */
  trustBuilderUploads: z.boolean().default(false),
  maxOutputSize: z.number().int().nonnegative().default(0),
  maxSilentTime: seconds.default(3600),
  buildTimeout: seconds.default(36_000),
  maxLogSize: z.number().int().positive().default(67_108_864),
  forcedSubstituters: z.array(z.string()).default([]),
  overflowStore: z
    .strictObject({ store: z.string().startsWith('s3://'), jobsets: z.array(z.string()) })
    .optional(),
});

export type RunnerConfiguration = z.infer<typeof runnerConfigurationSchema>;

// Hydra's first runner let up to nine seconds more pass than a minute, so that steps did not come back together.
const retryJitter = 0.15;

/** What of it the farm decides by. */
export function farmSettings(configuration: RunnerConfiguration): FarmSettings {
  return {
    // Hydra counts tries: with none allowed, the first is the last one, too.
    maxTries: Math.max(1, configuration.maxRetries),
    retryIntervalSeconds: configuration.retryInterval,
    retryBackoff: configuration.retryBackoff,
    retryJitter,
    ...(configuration.silentBuilderTimeInS === 0
      ? {}
      : { silentBuilderSeconds: configuration.silentBuilderTimeInS }),
    maxUnsupportedSeconds: Math.max(0, configuration.maxUnsupportedTimeInS),
    maxSilentSeconds: configuration.maxSilentTime,
    timeoutSeconds: configuration.buildTimeout,
    selection: configuration.stepSortFn,
    machineOrder: configuration.machineSortFn,
    capacity: configuration.machineFreeFn,
  };
}
