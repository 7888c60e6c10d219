import type { RunnerConfiguration } from '../settings/configuration.ts';

type Limits = Pick<RunnerConfiguration, 'maxLogSize' | 'maxOutputSize'>;

/**
 * What the runner lets builders send at most: the loosest of all limits since it started, since an attempt goes on under
 * those that it was ordered with. Bytes.
 */
export class LoosestLimits {
  #logBytes: number;
  #outputBytes: number;

  constructor({ maxLogSize, maxOutputSize }: Limits) {
    this.#logBytes = maxLogSize;
    this.#outputBytes = boundless(maxOutputSize);
  }

  get logBytes(): number {
    return this.#logBytes;
  }

  get outputBytes(): number {
    return this.#outputBytes;
  }

  /** Attempts are ordered with these from now on. */
  allow({ maxLogSize, maxOutputSize }: Limits): void {
    this.#logBytes = Math.max(this.#logBytes, maxLogSize);
    this.#outputBytes = Math.max(this.#outputBytes, boundless(maxOutputSize));
  }
}

/** 0 stands for no limit. */
const boundless = (bytes: number): number => (bytes === 0 ? Infinity : bytes);
