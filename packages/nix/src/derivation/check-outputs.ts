import type { DerivationOutput } from './derivation.ts';

/**
 * What is wrong with the outputs as a whole, or null: there must be one, all must be of one kind, and
 * what is fixed has a single one, called `out`.
 */
export function checkOutputKinds(outputs: ReadonlyMap<string, DerivationOutput>): string | null {
  const kinds = new Set([...outputs.values()].map((output) => output.type));
  const [kind] = kinds;
  if (kind === undefined) return 'it has no outputs';
  if (kinds.size > 1) return `its outputs are of several kinds: ${[...kinds].join(', ')}`;
  if (kind === 'fixed' && (outputs.size > 1 || !outputs.has('out')))
    return `a fixed output is the only one and called 'out', not '${[...outputs.keys()].join("', '")}'`;
  return null;
}
