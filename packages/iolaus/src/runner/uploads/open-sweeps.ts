import type { Sweeps } from '../../cache/sweeps.ts';
import type { Database } from '../../database/connection/connection.ts';
import { portionsSwept, saveSpared } from '../../database/sweeps.ts';
import { shareQuestions } from '../store/share-questions.ts';

/** Of caches that `iolaus cache gc` sweeps by the same database. Who asks at the same time shares an answer. */
export function openSweeps(database: Database): Sweeps {
  const ask = shareQuestions(() => portionsSwept(database));
  const settled = (): Promise<number> => ask([]);
  return {
    settled,
    spare: async (keys) => {
      await saveSpared(database, keys);
      await settled();
    },
  };
}
