import type { ProvisionerList } from '@iolaus/web/api';
import { z } from 'zod';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { askRunner } from './ask-runner.ts';

const figure = z.number();
const pool = z.object({
  ...{ pool: z.string(), sentence: z.string(), wanted: figure, existing: figure },
  ...{ booting: figure, ready: figure, draining: figure, costPerHour: figure, spent: figure },
});
const listSchema = z.object({
  provisioners: z.array(
    z.object({
      ...{ owner: z.string(), currency: z.string(), pools: z.array(pool) },
      remarks: z.array(z.string()),
    }),
  ),
});

/** What provisioners have told the runner lately; none where it does not say. */
export async function listProvisioners(
  runnerUrl: string | undefined,
  logger: Logger,
): Promise<ProvisionerList> {
  if (runnerUrl === undefined) return { provisioners: [] };
  try {
    return listSchema.parse(JSON.parse(await askRunner(runnerUrl, '/provisioners')));
  } catch (error) {
    logger.debug({ error: describeError(error) }, 'the runner does not tell of provisioners');
    return { provisioners: [] };
  }
}
