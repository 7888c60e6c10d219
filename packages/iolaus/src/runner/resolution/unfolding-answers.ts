import type { DerivationPath } from '@iolaus/nix';
import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { FarmView } from '../../farm/view.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { unfold } from './unfold.ts';
import type { UnfoldingAnswer, UnfoldingSources } from './unfold.ts';

export type AnswerOptions = Pick<UnfoldingSources, 'store'> & {
  /** Where is looked for what a step needs. */
  readonly sourcesOf: (derivation: DerivationPath) => Promise<UnfoldingSources['sources']>;
  readonly view: Pick<FarmView, 'step' | 'hasStep'>;
  readonly give: (answer: UnfoldingAnswer) => void;
  /** Nobody asks any more: the derivation that was written for the answer is not needed. */
  readonly release: (derivation: DerivationPath) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
};

// Each asks the daemon and the database some questions, of which the daemon answers four at a time.
const answersAtATime = 8;
// A daemon or a database that is restarted is back within seconds.
const againMilliseconds = 1_000;

/** Finds out what steps are that the farm asks about, some at a time, and tries again until it is known. */
export class UnfoldingAnswers implements AsyncDisposable {
  readonly #options: AnswerOptions;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<DerivationPath>();
  readonly #working = new Set<Promise<void>>();
  /** What succeeded while answers were looked for: they may be out of date. */
  readonly #succeeded = new Set<DerivationPath>();

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  ask(derivation: DerivationPath): void {
    this.#waiting.add(derivation);
    this.#begin();
  }

  noteSuccess(derivation: DerivationPath): void {
    if (this.#working.size > 0) this.#succeeded.add(derivation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#working);
  }

  #begin(): void {
    for (const derivation of this.#waiting) {
      if (this.#working.size >= answersAtATime || this.#stopping.signal.aborted) return;
      this.#waiting.delete(derivation);
      const work = this.#answer(derivation).finally(() => {
        this.#working.delete(work);
        if (this.#working.size === 0) this.#succeeded.clear();
        this.#begin();
      });
      this.#working.add(work);
    }
  }

  async #answer(derivation: DerivationPath): Promise<void> {
    const { sourcesOf, store, give, release, clock, logger } = this.#options;
    const { signal } = this.#stopping;
    while (this.#isAsked(derivation) && !signal.aborted) {
      try {
        const sources = await sourcesOf(derivation);
        const answer = await unfold(derivation, { sources, store });
        if (!this.#stillHolds(answer)) continue;
        if (this.#isAsked(derivation)) give(answer);
        else await release(derivation);
        return;
      } catch (error) {
        const told = { derivation, error: describeError(error) };
        logger.warn(told, 'what a derivation is cannot be found out; trying again');
        await sleep(clock, againMilliseconds, signal);
      }
    }
  }

  #isAsked(derivation: DerivationPath): boolean {
    return this.#options.view.step(derivation)?.state.type === 'unfolding';
  }

  /** What was a step when it was looked for may have ended, and what was none may have been built. */
  #stillHolds(answer: UnfoldingAnswer): boolean {
    if (answer.type !== 'step-resolved' || answer.resolved.result !== null) return true;
    const { into, steps } = answer.resolved;
    return this.#options.view.hasStep(into) || (steps.length > 0 && !this.#succeeded.has(into));
  }
}
