import { printStorePath } from '@iolaus/nix';
import type { DerivationPath, StoreDirectory } from '@iolaus/nix';
import type { Database } from '../../database/connection/connection.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import type { FinishedStep } from '../../database/steps/insert-finished-steps.ts';
import { stepStatusNumber } from '../../database/status.ts';
import type { BuildFacts, StepFacts } from '../../farm/facts.ts';
import type { BuildId } from '../../farm/identity.ts';
import { recordRows } from './record-rows.ts';
import type { Substituted } from './substitution.ts';

/** With the root on whose behalf it is recorded: the derivation itself, or else the first root that needs it. */
export type ChargedSubstitution = Substituted & { readonly root: DerivationPath };

/**
 * A row for each fetched output, of a build that needs it, as Hydra writes them. Rejects where the database fails: who
 * reads the queue finds the output there.
 */
export type NoteSubstituted = (
  builds: readonly Pick<BuildFacts, 'id' | 'derivation'>[],
  substituted: readonly ChargedSubstitution[],
) => Promise<void>;

export function openSubstitutionRecords(options: {
  readonly database: Database;
  readonly storeDirectory: StoreDirectory;
}): NoteSubstituted {
  return async (builds, substituted) => {
    if (substituted.length === 0) return;
    const byRoot = new Map(builds.toReversed().map(({ id, derivation }) => [derivation, id]));
    const rows = substituted.flatMap(({ root, ...one }) => {
      const build = byRoot.get(root);
      return build === undefined ? [] : [rowOf(build, one, options.storeDirectory)];
    });
    await recordRows(options.database, rows);
  };
}

const rowOf = (
  build: BuildId,
  { derivation, output, path, startedAt, stoppedAt }: Substituted,
  storeDirectory: StoreDirectory,
): FinishedStep => ({
  build,
  derivation: printStorePath(storeDirectory, derivation),
  type: 'substitution',
  status: stepStatusNumber('succeeded'),
  errorMessage: null,
  startTime: epochSeconds(startedAt),
  stopTime: epochSeconds(stoppedAt),
  machine: '',
  system: null,
  propagatedFrom: null,
  outputs: new Map([[output, printStorePath(storeDirectory, path)]]),
});

/** Says of each find on behalf of which root it is recorded; leaves out what no root needs. */
export function chargeRoots<One extends { readonly derivation: DerivationPath }>(
  found: readonly One[],
  roots: readonly DerivationPath[],
  unfinished: ReadonlyMap<DerivationPath, Pick<StepFacts, 'inputs'>>,
): (One & { readonly root: DerivationPath })[] {
  if (found.length === 0) return [];
  const charged = new Map(roots.map((root) => [root, root]));
  for (const root of roots) chargeBelow(root, unfinished, charged);
  return found.flatMap((one) => {
    const root = charged.get(one.derivation);
    return root === undefined ? [] : [{ ...one, root }];
  });
}

/** Notes the root for all below it that have none yet. */
function chargeBelow(
  root: DerivationPath,
  unfinished: ReadonlyMap<DerivationPath, Pick<StepFacts, 'inputs'>>,
  charged: Map<DerivationPath, DerivationPath>,
): void {
  const below = [root];
  for (let next = below.pop(); next !== undefined; next = below.pop()) {
    for (const input of unfinished.get(next)?.inputs ?? []) {
      if (charged.has(input)) continue;
      charged.set(input, root);
      below.push(input);
    }
  }
}
