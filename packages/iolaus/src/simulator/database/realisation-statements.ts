import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';

export function saveResolutions({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    const [derivation, resolved] = [given.text(0, row), given.text(1, row)];
    transaction.put(tables.resolutions, { derivation, resolved });
  }
  return [];
}

export function saveRealisations({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    const [derivation, output] = [given.text(0, row), given.text(1, row)];
    transaction.put(tables.realisations, { derivation, output, path: given.text(2, row) });
  }
  return [];
}

export function readRealisations({ transaction, tables }: Scene, given: Parameters): object[] {
  const realisations = [...transaction.rows(tables.realisations)];
  return given.texts(0).flatMap((derivation): object[] => {
    const resolved = transaction.get(tables.resolutions, derivation)?.resolved ?? null;
    const found = realisations.filter((row) => row.derivation === (resolved ?? derivation));
    if (found.length > 0) {
      return found.map(({ output, path }) => ({ derivation, resolved, output, path }));
    }
    return resolved === null ? [] : [{ derivation, resolved, output: null, path: null }];
  });
}
