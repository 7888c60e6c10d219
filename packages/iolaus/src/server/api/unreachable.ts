import { describeError } from '../../fault/fault.ts';
import { ApiError } from '../http/api-error.ts';
import type { Sources } from '../routes.ts';

/** What the runner answers; throws `ApiError` where it does not. */
export async function orUnreachable<T>(
  { runnerUrl, logger }: Pick<Sources, 'runnerUrl' | 'logger'>,
  ask: (runnerUrl: string) => Promise<T>,
): Promise<T> {
  try {
    if (runnerUrl !== undefined) return await ask(runnerUrl);
  } catch (error) {
    logger.debug({ runnerUrl, error: describeError(error) }, 'the runner does not answer');
  }
  throw new ApiError(503, 'runner-unreachable', 'The runner does not answer.');
}
