import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';
import { leadershipKey } from './tables.ts';

export function holdTerm({ transaction, tables }: Scene, given: Parameters): object[] {
  if (transaction.get(tables.leadership, leadershipKey)?.term !== given.number(0)) return [];
  transaction.share(tables.leadership, leadershipKey);
  return [{}];
}

/** Takes the lead. Whoever has it must be out of all transactions first. */
export function beginTerm({ transaction, tables }: Scene): number {
  const term = (transaction.get(tables.leadership, leadershipKey)?.term ?? 0) + 1;
  transaction.refuseShared(tables.leadership, leadershipKey);
  transaction.put(tables.leadership, { term });
  return term;
}
