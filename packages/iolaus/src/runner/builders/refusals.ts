import { CallError } from '../../protocol/call-error.ts';
import type { CallStatus } from '../../protocol/call-error.ts';
import { OversizedMessage } from '../../protocol/call/message-frame.ts';
import type { Logger } from '../../logging/logger.ts';

/** What a builder may not do, and is told so. */
type Refused =
  | 'join-too-large'
  | 'absurd-join'
  | 'machine-name-taken'
  | 'join-token-used'
  | 'substituters-missing'
  | 'claimed-too-much'
  | 'foreign-attempt'
  | 'unknown-attempt'
  | 'too-many-pings'
  | 'log-too-long'
  | 'too-many-logs'
  | 'unwanted-paths'
  | 'unwanted-upload'
  | 'false-hash'
  | 'too-large'
  | 'malformed-archives';

/** What it may not do either, but is not refused here: what it said is ignored, or refused by whoever reads it. */
type Passed =
  /** A path or a name that is malformed, or a message of another kind than expected. */
  | 'malformed-message'
  /** A message that is too large, or too many large ones half sent. */
  | 'message-too-large'
  /** An output that the derivation does not have. */
  | 'foreign-output'
  /** An output of another size or hash than the store's. */
  | 'false-figures'
  /** A product that is in none of the outputs. */
  | 'foreign-product'
  /** A file among the products of another size or hash than in the store. */
  | 'false-product';

export type Misdeed = Refused | Passed;

const statuses: Readonly<Record<Refused, CallStatus>> = {
  'join-too-large': 'invalid-argument',
  'absurd-join': 'invalid-argument',
  'machine-name-taken': 'invalid-argument',
  'join-token-used': 'unauthenticated',
  'substituters-missing': 'failed-precondition',
  'claimed-too-much': 'invalid-argument',
  'foreign-attempt': 'invalid-argument',
  'unknown-attempt': 'not-found',
  'too-many-pings': 'resource-exhausted',
  'log-too-long': 'resource-exhausted',
  'too-many-logs': 'resource-exhausted',
  'unwanted-paths': 'invalid-argument',
  'unwanted-upload': 'invalid-argument',
  'false-hash': 'invalid-argument',
  'too-large': 'resource-exhausted',
  'malformed-archives': 'invalid-argument',
};

/** Counts what builders were refused. Each is told why; the log names the first, the tenth, the hundredth … of a kind. */
export class Refusals {
  readonly #logger: Logger;
  readonly #counts = new Map<Misdeed, number>();
  readonly #told = new WeakSet<Error>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Since the runner started. */
  get counts(): ReadonlyMap<Misdeed, number> {
    return this.#counts;
  }

  /** The error for the builder. */
  refuse(misdeed: Refused, message: string): CallError {
    this.#count(misdeed, message);
    const refusal = new CallError(statuses[misdeed], message);
    this.#told.add(refusal);
    return refusal;
  }

  /** It has been counted. */
  isTold(error: Error): boolean {
    return this.#told.has(error);
  }

  /** Hears how calls failed, since what cannot be read is refused where it is read. */
  hear(error: CallError): void {
    if (error instanceof OversizedMessage) this.#count('message-too-large', error.message);
    else if (error.status === 'invalid-argument' && !this.isTold(error))
      this.#count('malformed-message', error.message);
  }

  note(misdeed: Passed, message: string): void {
    this.#count(misdeed, message);
  }

  #count(misdeed: Misdeed, message: string): void {
    const count = (this.#counts.get(misdeed) ?? 0) + 1;
    this.#counts.set(misdeed, count);
    if (/^10*$/.test(String(count))) this.#logger.warn({ misdeed, count, message }, 'refused');
  }
}
