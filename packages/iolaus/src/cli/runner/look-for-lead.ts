import { takeLead } from '../../database/lead.ts';
import type { Lead } from '../../database/lead.ts';

// A runner that was killed has left the database by then, one that was told to stop as well.
const successionMilliseconds = 15_000;

/**
 * Of several runners on one database one leads; one that stands by waits until it has ended. `onStandby` is called if it has
 * to; null: it does not stand by.
 */
export async function lookForLead(url: string, onStandby: (() => void) | null): Promise<Lead> {
  // Nothing has been begun that would have to be ended, or told of a new configuration.
  const leave = (): void => process.exit(0);
  const stay = (): void => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, leave);
  process.on('SIGHUP', stay);
  try {
    return await takeLead(
      { url, applicationName: 'hydra-queue-runner' },
      {
        patienceMilliseconds: onStandby === null ? successionMilliseconds : Infinity,
        onStandby: onStandby ?? (() => {}),
      },
    );
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, leave);
    process.off('SIGHUP', stay);
  }
}
