import { test } from 'node:test';
import type { RunnerConfiguration } from '../runner/settings/configuration.ts';
import { assertNamedTests } from '../testing/named-tests.ts';
import type { NamedTest } from '../testing/named-tests.ts';

const inFile =
  (file: string) =>
  (name: RegExp): NamedTest => ({ file, name });
const limits = inFile('cli/end-to-end/limits.test.ts')(
  /every limit is kept from one end to the other/,
);
const told = inFile('runner/settings/effective-keys.test.ts')(/set to no effect is told/);
const programs = inFile('cli/end-to-end/hydra-programs.test.ts')(
  /Hydra's keys, and changes of them/,
);
const retried = inFile('farm/attempts/retry.test.ts')(
  /each further back-off is longer, and after the last try/,
);

/** Where it is seen that each key of the runner does something, or that who sets it hears that it does nothing. */
const effects: Readonly<Record<keyof RunnerConfiguration, NamedTest>> = {
  hydraDataDir: programs,
  dbUrl: programs,
  maxDbConnections: inFile('database/connection/connection.test.ts')(
    /who comes when all connections are lent/,
  ),
  machineSortFn: inFile('farm/placement/placement.test.ts')(
    /in Hydra's orders the best machine is filled first/,
  ),
  machineFreeFn: inFile('farm/placement/placement.test.ts')(
    /a change of the rules holds from the next step on/,
  ),
  stepSortFn: inFile('farm/selection/two-level.test.ts')(
    /a policy can be changed while steps wait/,
  ),
  dispatchTriggerTimerInS: told,
  queueTriggerTimerInS: inFile('runner/ingest/queue-watch.test.ts')(/looked at as often as is set/),
  remoteStoreAddr: inFile('runner/uploads/upload-queue.test.ts')(
    /in every store of the configuration/,
  ),
  useSubstitutes: inFile('cli/end-to-end/substitutes.test.ts')(
    /what a substituter has is fetched instead of built/,
  ),
  rootsDir: inFile('runner/gc-roots/gc-roots.test.ts')(/outputs with a root outlast a collection/),
  maxRetries: retried,
  retryInterval: inFile('cli/end-to-end/retry-remembered.test.ts')(
    /a step goes on resting when its runner is killed/,
  ),
  retryBackoff: retried,
  maxUnsupportedTimeInS: inFile('cli/end-to-end/statuses.test.ts')(/each status is reached/),
  rejoinTimeInS: inFile('cli/end-to-end/rejoin.test.ts')(
    /what no builder claims in time after a restart/,
  ),
  silentBuilderTimeInS: inFile('farm/builders/machines.test.ts')(
    /a builder that does not ping gets nothing more/,
  ),
  failedPathsTtlInS: inFile('cli/steer/steer.test.ts')(/what failed is not tried again until/),
  emergencyTokenPaths: inFile('runner/http/changes.test.ts')(
    /an emergency needs a right of its own/,
  ),
  stopQueueRunAfterInS: told,
  maxConcurrentDownloads: inFile('runner/builders/download-limit.test.ts')(
    /how much it may fetch at once/,
  ),
  concurrentUploadLimit: inFile('runner/uploads/upload-queue.test.ts')(
    /no more is published at a time to a store than is set/,
  ),
  tokenPaths: inFile('runner/http/changes.test.ts')(
    /where other machines come in, a change needs a token/,
  ),
  joinKeyPath: inFile('cli/provisioner/provisioner.test.ts')(
    /a farm grows from nothing to its most/,
  ),
  enableFodChecker: told,
  usePresignedUploads: inFile('runner/uploads/direct/direct-uploads.test.ts')(
    /a builder puts its outputs into the cache itself/,
  ),
  trustBuilderUploads: inFile('runner/uploads/direct/uploading.test.ts')(
    /who trusts builders reads nothing back/,
  ),
  maxOutputSize: limits,
  maxSilentTime: limits,
  buildTimeout: limits,
  maxLogSize: limits,
  forcedSubstituters: inFile('runner/builders/forced-substituters.test.ts')(
    /without the forced substituters is turned away/,
  ),
  overflowStore: inFile('runner/uploads/overflow/overflow.test.ts')(
    /outputs land in the overflow store only/,
  ),
};

test('each key of the runner has a test of what it does', () => assertNamedTests(effects));
