import { printStorePath } from '@iolaus/nix';
import type { DerivationPath, StoreDirectory } from '@iolaus/nix';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { stepStatusNumber } from '../../database/status.ts';
import { areRecorded } from '../../database/steps/are-recorded.ts';
import type { FinishedStep } from '../../database/steps/insert-finished-steps.ts';
import type { BuildFacts } from '../../farm/facts.ts';
import type { BuildId } from '../../farm/identity.ts';
import { recordRows } from './record-rows.ts';
import type { Substituted } from './substitution.ts';
import type { Validity } from '../store/validity.ts';

/** An output that was there when somebody looked. */
export type Found = Pick<Substituted, 'derivation' | 'output' | 'path'>;

/** With the root on whose behalf it is recorded: the derivation itself, or else the first root that needs it. */
export type ChargedFind = Found & { readonly root: DerivationPath };

/**
 * A row for each derivation with outputs in the store of which no step tells, of a build that needs it, as Hydra writes them:
 * it looks for outputs in these rows. Rejects where the database fails: who reads the queue finds them again.
 */
export type NoteFound = (
  builds: readonly Pick<BuildFacts, 'id' | 'derivation'>[],
  found: readonly ChargedFind[],
) => Promise<void>;

export function openFoundRecords(options: {
  readonly database: Database;
  /** Of the runner's own store alone: what lies in a cache gets no row. */
  readonly validInStore: Validity;
  readonly storeDirectory: StoreDirectory;
  readonly clock: Clock;
}): NoteFound {
  const { database, validInStore, storeDirectory, clock } = options;

  const keepUnrecorded = async (found: readonly ChargedFind[]): Promise<ChargedFind[]> => {
    const are = await areRecorded(
      database,
      found.map(({ derivation, output }) => ({
        derivation: printStorePath(storeDirectory, derivation),
        output,
      })),
    );
    const unrecorded = found.filter((_, index) => are[index] === false);
    const valid = await validInStore(unrecorded.map(({ path }) => path));
    return unrecorded.filter(({ path }) => valid.has(path));
  };

  const record = async (
    builds: ReadonlyMap<DerivationPath, BuildId>,
    found: readonly ChargedFind[],
  ): Promise<void> => {
    const now = epochSeconds(clock.now());
    const rows = Map.groupBy(found, ({ derivation }) => derivation)
      .values()
      .flatMap((outputs) => rowOf(outputs, { builds, now, storeDirectory }));
    await recordRows(database, [...rows]);
  };

  return async (builds, found) => {
    if (found.length === 0) return;
    const unrecorded = await keepUnrecorded(found);
    if (unrecorded.length === 0) return;
    const byRoot = new Map(builds.toReversed().map(({ id, derivation }) => [derivation, id]));
    await record(byRoot, unrecorded);
  };
}

/** Of one derivation; nothing where no build needs it any more. */
function rowOf(
  found: readonly ChargedFind[],
  scene: {
    readonly builds: ReadonlyMap<DerivationPath, BuildId>;
    readonly now: number;
    readonly storeDirectory: StoreDirectory;
  },
): FinishedStep[] {
  const { builds, now, storeDirectory } = scene;
  const [first] = found;
  const build = first === undefined ? undefined : builds.get(first.root);
  if (first === undefined || build === undefined) return [];
  return [
    {
      build,
      derivation: printStorePath(storeDirectory, first.derivation),
      type: 'substitution',
      status: stepStatusNumber('succeeded'),
      errorMessage: null,
      propagatedFrom: null,
      startTime: now,
      stopTime: now,
      machine: '',
      system: null,
      outputs: new Map(
        found.map(({ output, path }) => [output, printStorePath(storeDirectory, path)]),
      ),
    },
  ];
}
