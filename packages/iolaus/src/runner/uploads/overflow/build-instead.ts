import { needsResolution } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import { readUnfinishedGraph } from '../../ingest/unfinished-graph.ts';
import type { GraphSources } from '../../ingest/unfinished-graph.ts';
import type { UnfoldingAnswer } from '../../resolution/unfold.ts';

/** What was to be copied cannot be: it is built, like any step that has its inputs. */
export async function buildInstead(
  path: DerivationPath,
  sources: GraphSources,
): Promise<UnfoldingAnswer> {
  const derivation = sources.derivations.read(path);
  const needed = [...derivation.inputDerivations.keys()];
  const { steps, built, unreadable } = await readUnfinishedGraph(needed, sources);
  const [message] = unreadable.values();
  if (message !== undefined) return { type: 'unfolding-failed', derivation: path, message };
  const inputs = needed.filter((input) => !built.has(input));
  const unfoldsAgain = needsResolution(derivation);
  return { type: 'step-unfolded', produced: { derivation: path, inputs, steps, unfoldsAgain } };
}
