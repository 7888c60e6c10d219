import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';

export function saveRetryPlans({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const row of given.rows) {
    transaction.put(tables.retries, {
      derivation: given.text(0, row),
      tries: given.number(1, row),
      losses: given.number(2, row),
      restsUntil: given.number(3, row),
    });
  }
  return [];
}

export function deleteRetryPlans({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const derivation of given.texts(0)) transaction.remove(tables.retries, derivation);
  return [];
}

export const readRetryPlans = ({ transaction, tables }: Scene): object[] => [
  ...transaction.rows(tables.retries),
];
