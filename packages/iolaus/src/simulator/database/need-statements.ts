import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';

export function savePackageNeeds({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    transaction.put(tables.needs, {
      package: given.text(0, row),
      system: given.text(1, row),
      coresWeight: given.numberOrNull(2, row),
      coresMean: given.numberOrNull(3, row),
      coresVariance: given.numberOrNull(4, row),
      memoryWeight: given.numberOrNull(5, row),
      memoryMean: given.numberOrNull(6, row),
      memoryVariance: given.numberOrNull(7, row),
    });
  }
  return [];
}

export const readPackageNeeds = ({ transaction, tables }: Scene): object[] => [
  ...transaction.rows(tables.needs),
];
