import type { Transaction } from '../../database/connection/connection.ts';
import { together } from '../../database/connection/together.ts';
import { deleteGrants, insertGrants } from '../../database/steps/grants.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import type { Attempts } from '../attempts/attempts.ts';

/** Which builder may come back to which attempt. What began and ended in one transaction needs no grant. */
export async function recordGrants(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  {
    attempts,
    started,
  }: { readonly attempts: Attempts; readonly started: ReadonlyMap<AttemptNumber, number> },
): Promise<void> {
  const finished = new Set(
    effects.filter((effect) => effect.type === 'finish-attempt').map(({ attempt }) => attempt),
  );
  const begun = [...started].flatMap(([attempt, stepNumber]) => {
    const live = attempts.byNumber(attempt);
    return live?.isGranted === true && !finished.has(attempt) ? [{ ...live, stepNumber }] : [];
  });
  const ended = [...finished].filter(
    (attempt) => attempts.byNumber(attempt)?.isGranted === true && !started.has(attempt),
  );
  await together([insertGrants(transaction, begun), deleteGrants(transaction, ended)]);
}
