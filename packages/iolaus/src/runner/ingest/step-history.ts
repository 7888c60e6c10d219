import type { Database } from '../../database/connection/connection.ts';
import { readPackageNeeds } from '../../database/steps/package-needs.ts';
import { readStepHistory } from '../../database/steps/read-step-history.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Decisions } from '../records/decisions.ts';

/** Each package of a large set about once, in a tenth of a second. */
const remembered = 50_000;

/** Tells the farm how long steps took before it began, and what they needed. Without it the farm learns anew: no reason not to start. */
export async function tellHistory(doors: {
  readonly database: Database;
  readonly decisions: Decisions;
  readonly logger: Logger;
}): Promise<void> {
  const { database, decisions, logger } = doors;
  try {
    const steps = await readStepHistory(database, remembered);
    const needs = await readPackageNeeds(database);
    if (steps.length + needs.length === 0) return;
    const uses = steps.toReversed().map(({ derivation, system, seconds }) => {
      return { name: derivation.slice(derivation.lastIndexOf('/') + 1), system, seconds };
    });
    await decisions.submit({ type: 'history-told', uses, needs });
  } catch (error) {
    logger.warn({ error }, 'what steps needed before could not be read');
  }
}
