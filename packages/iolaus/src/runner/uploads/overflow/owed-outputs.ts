import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { Derivations } from '../../store/derivations.ts';
import type { OverflowDoor } from './overflow-door.ts';

/** Outputs of derivations that the overflow store has, and the one for everybody has not. */
export type Owed = ReadonlyMap<DerivationPath, readonly StorePath[]>;

/** @throws Fault if one of the two cannot be asked */
export async function findOwed(
  found: readonly DerivationPath[],
  { cache, regular }: Pick<OverflowDoor, 'cache' | 'regular'>,
  derivations: Pick<Derivations, 'outputs'>,
): Promise<Owed> {
  const [overflow, everybodys] = [cache(), regular()];
  if (overflow === null || everybodys === null) return new Map();
  const outputs = new Map(found.map((path) => [path, outputsOf(derivations, path)]));
  const lacking = await everybodys.presence.findMissing([...outputs.values()].flat());
  const nowhere = new Set(await overflow.cache.presence.findMissing(lacking));
  const spare = new Set(lacking.filter((path) => !nowhere.has(path)));
  const owed = [...outputs].map(
    ([path, own]) => [path, own.filter((output) => spare.has(output))] as const,
  );
  return new Map(owed.filter(([, own]) => own.length > 0));
}

export const outputsOf = (
  derivations: Pick<Derivations, 'outputs'>,
  path: DerivationPath,
): StorePath[] => [...derivations.outputs(path).values()].filter((output) => output !== null);
