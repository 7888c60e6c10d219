import { printStorePath } from '@iolaus/nix';
import type { DerivationPath, StoreDirectory } from '@iolaus/nix';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { stepStatusNumber } from '../../database/status.ts';
import { findUnrecorded } from '../../database/steps/find-unrecorded.ts';
import { insertFinishedSteps } from '../../database/steps/insert-finished-steps.ts';
import type { FinishedStep } from '../../database/steps/insert-finished-steps.ts';
import type { BuildFacts } from '../../farm/facts.ts';
import type { BuildId } from '../../farm/identity.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { printOutputs } from '../records/print-outputs.ts';
import type { Derivations } from './derivations.ts';

/** A derivation whose outputs were there, and the root that needs it: itself, or else the first that leads to it. */
export type Found = { readonly derivation: DerivationPath; readonly root: DerivationPath };

/**
 * A row for each derivation whose outputs are there although no step has made them, of a build that needs it, as Hydra
 * writes them: it looks for outputs in these rows. Never rejects.
 */
export type NoteFound = (
  builds: readonly Pick<BuildFacts, 'id' | 'derivation'>[],
  found: readonly Found[],
) => Promise<void>;

// Every evaluation finds the same again: 100,000 paths take some 10 MB.
const recordedRemembered = 100_000;

export function openFoundRecords(options: {
  readonly database: Database;
  readonly derivations: Pick<Derivations, 'outputs' | 'isNamed'>;
  readonly storeDirectory: StoreDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
}): NoteFound {
  const { database, derivations, storeDirectory, clock, logger } = options;
  const recorded = new LRUCache<DerivationPath, true>({ max: recordedRemembered });

  const rowOf = (build: BuildId, derivation: DerivationPath): FinishedStep => {
    const now = epochSeconds(clock.now());
    return {
      ...{ build, derivation: printStorePath(storeDirectory, derivation), type: 'substitution' },
      ...{ status: stepStatusNumber('succeeded'), errorMessage: null, propagatedFrom: null },
      ...{ startTime: now, stopTime: now, machine: '', system: null },
      outputs: printOutputs(storeDirectory, derivations.outputs(derivation)),
    };
  };

  const record = async (rows: readonly FinishedStep[]): Promise<void> => {
    const unrecorded = await findUnrecorded(
      database,
      rows.map(({ derivation }) => derivation),
    );
    const missing = rows.filter(({ derivation }) => unrecorded.has(derivation));
    if (missing.length === 0) return;
    await database.transaction((transaction) => insertFinishedSteps(transaction, missing));
  };

  return async (builds, found) => {
    const byRoot = new Map(builds.toReversed().map(({ id, derivation }) => [derivation, id]));
    // What only a build can tell is told by what it was resolved into.
    const fresh = found.filter(
      ({ derivation }) => derivations.isNamed(derivation) && !recorded.has(derivation),
    );
    const rows = fresh.flatMap(({ derivation, root }) => {
      const build = byRoot.get(root);
      return build === undefined ? [] : [rowOf(build, derivation)];
    });
    if (rows.length === 0) return;
    try {
      await record(rows);
      for (const { derivation } of fresh) recorded.set(derivation, true);
    } catch (error) {
      // It is there all the same.
      const reason = { error: describeError(error) };
      logger.warn(reason, 'what was there could not be recorded');
    }
  };
}
