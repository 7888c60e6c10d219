import { knownOutputPaths, resolveDerivation } from '@iolaus/nix';
import type { Derivation, DerivationPath } from '@iolaus/nix';
import type { Event } from '../../farm/event.ts';
import { outputOrThrow } from '../store/derivations.ts';
import { isImpure } from './realised.ts';
import { ProducedError, producedLevels } from './produced-derivations.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import { readUnfinishedGraph } from '../ingest/unfinished-graph.ts';
import type { GraphSources } from '../ingest/unfinished-graph.ts';

export type UnfoldingAnswer = Event<'step-unfolded' | 'step-resolved' | 'unfolding-failed'>;

/** What the answer is made of. */
export type UnfoldingSources = {
  readonly sources: GraphSources;
  readonly store: Pick<
    RunnerStore,
    'directory' | 'derivations' | 'realised' | 'realisations' | 'resolved' | 'results'
  >;
};

/**
 * Says what a step is whose inputs seem to be built: it needs more steps first, or it is another derivation, which is
 * then in the store and kept there. Rejects where a later try may help.
 */
export async function unfold(
  path: DerivationPath,
  { sources, store }: UnfoldingSources,
): Promise<UnfoldingAnswer> {
  try {
    const derivation = store.derivations.read(path);
    return (
      (await findUnbuilt(path, derivation, sources)) ??
      (await resolve(path, derivation, { sources, store }))
    );
  } catch (error) {
    if (!(error instanceof ProducedError)) throw error;
    return { type: 'unfolding-failed', derivation: path, message: error.message };
  }
}

/** Null where all that it needs is built, also what its inputs produced. */
async function findUnbuilt(
  path: DerivationPath,
  derivation: Derivation,
  sources: GraphSources,
): Promise<UnfoldingAnswer | null> {
  for (const level of producedLevels(derivation, sources.derivations)) {
    const { steps, built, unreadable } = await readUnfinishedGraph(level, sources);
    const [reason] = unreadable.values();
    if (reason !== undefined) throw new ProducedError(reason);
    const inputs = level.filter((input) => !built.has(input));
    if (inputs.length === 0) continue;
    const produced = { derivation: path, inputs, steps, unfoldsAgain: true };
    return { type: 'step-unfolded', produced };
  }
  return null;
}

async function resolve(
  path: DerivationPath,
  derivation: Derivation,
  { sources, store }: UnfoldingSources,
): Promise<UnfoldingAnswer> {
  const { derivations, realised, resolved, results } = store;
  assertPure(path, derivation, derivations);
  const { path: into, derivation: basic } = resolveDerivation(
    store.directory,
    derivation,
    (input, output) => outputOrThrow(derivations.outputs(input), input, output),
  );
  await resolved.hold(path, basic);
  realised.noteOutputs(into, knownOutputPaths(basic));
  const { steps, built, unreadable } = await readUnfinishedGraph([into], sources);
  const [reason] = unreadable.values();
  if (reason !== undefined) throw new ProducedError(reason);
  const result = built.has(into) ? await results.read(into) : null;
  return { type: 'step-resolved', resolved: { derivation: path, into, steps, result } };
}

/** Nix's rule: what must be the same each time cannot be made from what never is, unless its contents are fixed. */
function assertPure(
  path: DerivationPath,
  derivation: Derivation,
  derivations: UnfoldingSources['store']['derivations'],
): void {
  if (isImpure(derivation)) return;
  const impure = derivation.inputDerivations
    .keys()
    .find((input) => isImpure(derivations.read(input)));
  if (impure === undefined) return;
  throw new ProducedError(`${path} is pure and depends on ${impure}, which is impure`);
}
