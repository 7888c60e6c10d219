import type { DerivationPath, StorePath } from '@iolaus/nix';
import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { HandOvers } from '../builders/hand-overs.ts';
import type { Derivations } from '../store/derivations.ts';
import { shareQuestions } from '../store/share-questions.ts';
import type { LocalPaths } from '../store/runner-store.ts';

/**
 * What interrupted attempts have left. Nix keeps a path that is there: so what such an attempt left of several outputs
 * would be mixed with what the next attempt makes of the others.
 */
export type Leftovers = {
  /** Deletes the outputs that are there, unless all of them are. Rejects where the store does not answer. */
  clear(derivation: DerivationPath): Promise<void>;
};

// The daemon keeps what a connection has brought until it has noticed that it is closed.
const triesMax = 5;
const againMilliseconds = 200;

export function openLeftovers(options: {
  readonly local: LocalPaths;
  readonly derivations: Pick<Derivations, 'outputs'>;
  readonly handOvers: Pick<HandOvers, 'settled'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Leftovers {
  const { local, derivations, handOvers, clock, logger } = options;
  const ask = shareQuestions(local.validPaths);

  const clear: Leftovers['clear'] = async (derivation) => {
    const outputs = [...derivations.outputs(derivation).values()].filter((path) => path !== null);
    await handOvers.settled(derivation);
    const valid = await ask(outputs);
    const paths = outputs.filter((path) => valid.has(path));
    if (paths.length === 0 || paths.length === outputs.length) return;
    logger.info({ derivation, paths }, 'taking away a part of what is to be built');
    await remove(derivation, paths);
  };

  /** What a root of the garbage collector protects stays, as it does when Nix itself builds. */
  const remove = async (derivation: DerivationPath, paths: readonly StorePath[]): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        await local.remove(paths);
        return;
      } catch (error) {
        const reason = describeError(error);
        if (tries === triesMax)
          return logger.warn({ derivation, paths, reason }, 'a part of what is to be built stays');
      }
      await sleep(clock, againMilliseconds);
    }
  };

  return { clear };
}
