import type { BuildFacts, BuildResult } from '../../farm/facts.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { FoundResults } from '../store/found-results.ts';

// They share their questions to the daemon, and each opens a few files.
const resultsAtATime = 100;

/**
 * Finishes builds whose outputs are all there. Those whose outputs cannot be read are put back, and the first reason is
 * thrown when all others are done.
 */
export async function finishFound(
  builds: readonly BuildFacts[],
  options: {
    readonly results: FoundResults;
    readonly finish: (build: BuildFacts, result: BuildResult) => void;
    readonly putBack: (build: BuildFacts) => void;
    readonly logger: Logger;
  },
): Promise<void> {
  const { results, finish, putBack, logger } = options;
  const failures: unknown[] = [];
  const readAndFinish = async (build: BuildFacts): Promise<void> => {
    try {
      finish(build, await results.read(build.derivation));
    } catch (error) {
      failures.push(error);
      putBack(build);
      const told = { build: build.id, error: describeError(error) };
      logger.error(told, 'the outputs of a build are there but cannot be read');
    }
  };
  for (let start = 0; start < builds.length; start += resultsAtATime) {
    await Promise.all(builds.slice(start, start + resultsAtATime).map(readAndFinish));
  }
  if (failures.length > 0) throw failures[0];
}
