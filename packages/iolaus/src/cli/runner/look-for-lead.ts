import { takeLead } from '../../database/lead.ts';
import type { Lead } from '../../database/lead.ts';
import { whileWaiting } from './while-waiting.ts';

// A runner that was killed has left the database by then, one that was told to stop as well.
const successionMilliseconds = 15_000;

/**
 * Of several runners on one database one leads; one that stands by waits until it has ended. `onStandby` is called if it has
 * to; null: it does not stand by.
 */
export function lookForLead(url: string, onStandby: (() => void) | null): Promise<Lead> {
  return whileWaiting(() =>
    takeLead(
      { url, applicationName: 'hydra-queue-runner' },
      {
        patienceMilliseconds: onStandby === null ? successionMilliseconds : Infinity,
        onStandby: onStandby ?? (() => {}),
      },
    ),
  );
}
