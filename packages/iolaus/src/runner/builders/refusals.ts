import { CallError } from '../../protocol/call-error.ts';
import type { CallStatus } from '../../protocol/call-error.ts';
import type { Logger } from '../../logging/logger.ts';

/** What a builder may not do. */
export type Misdeed =
  | 'join-too-large'
  | 'machine-name-taken'
  | 'join-token-used'
  | 'claimed-too-much'
  | 'foreign-attempt'
  | 'unknown-attempt'
  | 'too-many-pings'
  | 'log-too-long'
  | 'unwanted-paths'
  | 'unwanted-upload'
  | 'false-hash'
  | 'malformed-archives';

const statuses: Readonly<Record<Misdeed, CallStatus>> = {
  'join-too-large': 'invalid-argument',
  'machine-name-taken': 'invalid-argument',
  'join-token-used': 'unauthenticated',
  'claimed-too-much': 'invalid-argument',
  'foreign-attempt': 'invalid-argument',
  'unknown-attempt': 'not-found',
  'too-many-pings': 'resource-exhausted',
  'log-too-long': 'resource-exhausted',
  'unwanted-paths': 'invalid-argument',
  'unwanted-upload': 'invalid-argument',
  'false-hash': 'invalid-argument',
  'malformed-archives': 'invalid-argument',
};

/** Counts what builders were refused. Each is told why; the log names the first, the tenth, the hundredth … of a kind. */
export class Refusals {
  readonly #logger: Logger;
  readonly #counts = new Map<Misdeed, number>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Since the runner started. */
  get counts(): ReadonlyMap<Misdeed, number> {
    return this.#counts;
  }

  /** The error for the builder. */
  refuse(misdeed: Misdeed, message: string): CallError {
    const count = (this.#counts.get(misdeed) ?? 0) + 1;
    this.#counts.set(misdeed, count);
    if (/^10*$/.test(String(count))) this.#logger.warn({ misdeed, count, message }, 'refused');
    return new CallError(statuses[misdeed], message);
  }
}
