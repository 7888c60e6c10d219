import { z } from 'zod';
import { describeError } from '../../fault/fault.ts';
import { RunnerRefused, tellRunner } from '../runner/ask-runner.ts';
import { ApiError, notFound } from '../http/api-error.ts';
import type { Sources } from '../routes.ts';

const refusal = z.object({ error: z.string() });

/** Has the runner do something. Throws `ApiError`: with its own words where it knows nothing of what is named. */
export async function giveOrder(
  { runnerUrl, runnerToken, logger }: Sources,
  path: string,
  order: object,
): Promise<Record<string, never>> {
  try {
    if (runnerUrl === undefined) throw new Error('this server was told of no runner');
    await tellRunner(runnerUrl, path, order, runnerToken);
    return {};
  } catch (error) {
    if (error instanceof RunnerRefused && error.status === 404) {
      throw notFound(`The runner refuses: ${refusal.parse(JSON.parse(error.answer)).error}.`);
    }
    logger.warn({ runnerUrl, path, error: describeError(error) }, 'the runner took no order');
    throw new ApiError(503, 'runner-unreachable', 'The runner does not answer, or refuses.');
  }
}
