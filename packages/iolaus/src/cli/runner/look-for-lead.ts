import { takeLead } from '../../database/lead.ts';
import type { Lead } from '../../database/lead.ts';

// A runner that was killed has left the database by then, one that was told to stop as well.
const successionMilliseconds = 15_000;

/** Of several runners on one database one leads; one that stands by waits until it has ended. */
export async function lookForLead(url: string, standsBy: boolean): Promise<Lead> {
  // Nothing has been begun that would have to be ended, or told of a new configuration.
  const leave = (): void => process.exit(0);
  const stay = (): void => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, leave);
  process.on('SIGHUP', stay);
  try {
    return await takeLead(
      { url, applicationName: 'hydra-queue-runner' },
      {
        patienceMilliseconds: standsBy ? Infinity : successionMilliseconds,
        onStandby: () => {
          if (standsBy) console.error('iolaus runner: standing by');
        },
      },
    );
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, leave);
    process.off('SIGHUP', stay);
  }
}
