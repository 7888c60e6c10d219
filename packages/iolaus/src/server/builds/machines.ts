import type { Machine } from '@iolaus/web/api';
import { z } from 'zod';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { askRunner } from './ask-runner.ts';

/** What the page needs of the answer of Hydra's queue runner to `GET /status/machines`. */
const machinesSchema = z.object({
  machines: z.record(
    z.string(),
    z.object({
      systems: z.array(z.string()),
      maxJobs: z.number(),
      stats: z.object({ currentJobs: z.number() }),
    }),
  ),
});

/** The machines of the farm, by name; null if the runner does not say. */
export async function askMachines(
  runnerUrl: string,
  logger: Logger,
): Promise<readonly Machine[] | null> {
  try {
    const answer = await askRunner(runnerUrl, '/status/machines');
    const { machines } = machinesSchema.parse(JSON.parse(answer));
    return Object.entries(machines)
      .map(([name, machine]) => ({
        name,
        systems: machine.systems,
        slots: machine.maxJobs,
        running: machine.stats.currentJobs,
      }))
      .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  } catch (error) {
    logger.debug(
      { runnerUrl, error: describeError(error) },
      'the runner does not tell its machines',
    );
    return null;
  }
}
