import type { Join } from '../../protocol/join.ts';

/**
 * Why a builder may not join that does not get its inputs from where it is to get them; null if it does. As Hydra has it,
 * substituters are compared as strings: as Nix prints them, with parameters in the order of their names.
 */
export function findLacking(
  { useSubstitutes, substituters }: Pick<Join, 'useSubstitutes' | 'substituters'>,
  forced: readonly string[],
): string | null {
  if (forced.length === 0) return null;
  if (!useSubstitutes) return 'it does not use substitutes, as builders of this farm have to';
  const lacking = forced.filter((one) => !substituters.includes(one));
  return lacking.length === 0 ? null : `its substituters lack ${lacking.join(', ')}`;
}
