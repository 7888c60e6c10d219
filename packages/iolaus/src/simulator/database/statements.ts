import { areRecordedStatement } from '../../database/steps/are-recorded.ts';
import {
  deleteExpiredFailuresStatement,
  forgetFailuresStatements,
  insertFailedPathsStatement,
  readFailedPathsStatement,
  readFirstFailuresStatement,
  saveExpiriesStatement,
} from '../../database/steps/failed-paths.ts';
import { transactionNumberStatement } from '../../database/connection/transaction.ts';
import { finishBuildsStatement } from '../../database/builds/finish-builds.ts';
import { finishStepsStatement } from '../../database/steps/finish-steps.ts';
import {
  deleteGrantsStatement,
  deleteStaleGrantsStatement,
  insertGrantsStatement,
  readGrantsStatement,
} from '../../database/steps/grants.ts';
import { insertBusyStepsStatement } from '../../database/steps/insert-busy-steps.ts';
import { insertFinishedStepsStatement } from '../../database/steps/insert-finished-steps.ts';
import { insertResolvedStepsStatement } from '../../database/steps/insert-resolved-steps.ts';
import { insertStepOutputsStatement } from '../../database/steps/insert-step-outputs.ts';
import {
  closeOrphanedStepsStatement,
  readUngrantedStepsStatement,
} from '../../database/steps/orphaned-steps.ts';
import { holdTermStatement } from '../../database/lead.ts';
import { lockBuildsStatement } from '../../database/builds/lock-builds.ts';
import { notifyStatement } from '../../database/notify.ts';
import { readJobsetsStatement } from '../../database/evaluations/read-jobsets.ts';
import { readStepHistoryStatement } from '../../database/steps/read-step-history.ts';
import {
  readRealisationsStatement,
  saveRealisationsStatement,
  saveResolutionsStatement,
} from '../../database/steps/realisations.ts';
import {
  readPackageNeedsStatement,
  savePackageNeedsStatement,
} from '../../database/steps/package-needs.ts';
import {
  deleteRetryPlansStatement,
  readRetryPlansStatement,
  saveRetryPlansStatement,
} from '../../database/steps/retry-plans.ts';
import {
  readBuildsAfterStatement,
  readBuildsByIdStatement,
  readUnfinishedPrioritiesStatement,
} from '../../database/builds/read-unfinished-builds.ts';
import {
  deleteBuildMetricsStatement,
  deleteBuildProductsStatement,
  setBuildOutputsStatement,
} from '../../database/builds/replace-build-results.ts';
import {
  deleteEmergencyStatement,
  deleteHoldStatement,
  readEmergenciesStatement,
  readHoldsStatement,
  saveEmergencyStatement,
  saveHoldStatement,
} from '../../database/standing-orders.ts';
import {
  deleteUploadStatement,
  insertUploadsStatement,
  postponeUploadStatement,
  readDueUploadsStatement,
} from '../../database/uploads.ts';
import { updateStepPhasesStatement } from '../../database/steps/update-step-phases.ts';
import { readJobsets, readPriorities, readUnfinished } from './reading.ts';
import {
  deleteExpiredFailures,
  forgetFailures,
  readFailedPaths,
  readFirstFailures,
  saveExpiries,
} from './failure-statements.ts';
import {
  deleteEmergency,
  deleteHold,
  readEmergencies,
  readHolds,
  saveEmergency,
  saveHold,
} from './order-statements.ts';
import { finishBuilds, lockBuilds, setBuildOutputs } from './build-statements.ts';
import { deleteGrants, deleteStaleGrants, insertGrants, readGrants } from './grant-statements.ts';
import {
  areRecorded,
  closeOrphanedSteps,
  finishSteps,
  insertBusySteps,
  insertFinishedSteps,
  insertResolvedSteps,
  insertStepOutputs,
  readUngrantedSteps,
  updateStepPhases,
} from './step-statements.ts';
import { readPackageNeeds, savePackageNeeds } from './need-statements.ts';
import { deleteRetryPlans, readRetryPlans, saveRetryPlans } from './retry-statements.ts';
import { readRealisations, saveRealisations, saveResolutions } from './realisation-statements.ts';
import {
  deleteUpload,
  insertUploads,
  postponeUpload,
  readDueUploads,
} from './upload-statements.ts';
import { holdTerm } from './lead-statements.ts';
import { databaseError } from './failures.ts';
import type { Parameters } from './parameters.ts';
import type { Tables } from './tables.ts';
import type { ServerTransaction } from './transaction.ts';

// What PostgreSQL takes.
const payloadBytesMax = 7_999;

/** What a statement works on. `now` in seconds, by the server's clock. */
export type Scene = {
  readonly tables: Tables;
  readonly transaction: ServerTransaction;
  readonly now: number;
};

/** Returns the rows. */
export type Statement = (scene: Scene, parameters: Parameters) => object[];

/** What the statements of `database` do, by their text. */
export const statements: ReadonlyMap<string, Statement> = new Map<string, Statement>([
  [transactionNumberStatement, ({ transaction }) => [{ id: String(transaction.id) }]],
  [
    readBuildsAfterStatement,
    (scene, given) => readUnfinished(scene, ({ id }) => id > given.number(0)),
  ],
  [
    readBuildsByIdStatement,
    (scene, given) => {
      const ids = new Set(given.numbers(0));
      return readUnfinished(scene, ({ id }) => ids.has(id));
    },
  ],
  [readUnfinishedPrioritiesStatement, readPriorities],
  [readFailedPathsStatement, readFailedPaths],
  [deleteExpiredFailuresStatement, deleteExpiredFailures],
  // With the time until which they count, which follows.
  [insertFailedPathsStatement, () => []],
  [saveExpiriesStatement, saveExpiries],
  [forgetFailuresStatements['of-restarted'], forgetFailures],
  [readFirstFailuresStatement, readFirstFailures],
  [saveEmergencyStatement, saveEmergency],
  [deleteEmergencyStatement, deleteEmergency],
  [saveHoldStatement, saveHold],
  [deleteHoldStatement, deleteHold],
  [readEmergenciesStatement, readEmergencies],
  [readHoldsStatement, readHolds],
  [readJobsetsStatement, readJobsets],
  [lockBuildsStatement, lockBuilds],
  [finishBuildsStatement, finishBuilds],
  [setBuildOutputsStatement, setBuildOutputs],
  [deleteBuildProductsStatement, () => []],
  [deleteBuildMetricsStatement, () => []],
  [readUngrantedStepsStatement, readUngrantedSteps],
  [closeOrphanedStepsStatement, closeOrphanedSteps],
  [insertGrantsStatement, insertGrants],
  [deleteGrantsStatement, deleteGrants],
  [deleteStaleGrantsStatement, deleteStaleGrants],
  [readGrantsStatement, readGrants],
  [saveRetryPlansStatement, saveRetryPlans],
  [deleteRetryPlansStatement, deleteRetryPlans],
  [readRetryPlansStatement, readRetryPlans],
  [savePackageNeedsStatement, savePackageNeeds],
  [readPackageNeedsStatement, readPackageNeeds],
  [insertUploadsStatement, insertUploads],
  [readDueUploadsStatement, readDueUploads],
  [deleteUploadStatement, deleteUpload],
  [postponeUploadStatement, postponeUpload],
  [saveResolutionsStatement, saveResolutions],
  [saveRealisationsStatement, saveRealisations],
  [readRealisationsStatement, readRealisations],
  // Its steps have made-up names: there is nothing to be learned of them.
  [readStepHistoryStatement, () => []],
  [areRecordedStatement, areRecorded],
  [insertBusyStepsStatement, insertBusySteps],
  [insertFinishedStepsStatement, insertFinishedSteps],
  [insertResolvedStepsStatement, insertResolvedSteps],
  [insertStepOutputsStatement, insertStepOutputs],
  [finishStepsStatement, finishSteps],
  [updateStepPhasesStatement, updateStepPhases],
  [holdTermStatement, holdTerm],
  [notifyStatement, notify],
]);

function notify({ transaction }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    const payload = given.text(1, row);
    if (payload.length > payloadBytesMax) throw databaseError('22023', 'payload string too long');
    transaction.notify(given.text(0, row), payload);
  }
  return [];
}
