import { catalogue } from './catalogue.ts';
import type { FaultCode } from './catalogue.ts';

/**
 * Everything that can go wrong and that a person can do something about: what is wrong in one
 * sentence that names the thing, the cause, and what would put it right.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly remedy: string | undefined;

  constructor(
    code: FaultCode,
    sentence: string,
    options: { readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    super(sentence, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.remedy = options.remedy;
  }

  /** Status with which a command ends: 2 for misuse, 1 for failure, 65 where the other side speaks another dialect. */
  get exitStatus(): 1 | 2 | 65 {
    return catalogue[this.code].exitStatus;
  }
}

/** The chain of causes on one line, outermost first; for logs and error columns. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  while (current !== undefined && current !== null && parts.length < 8) {
    const text = current instanceof Error ? current.message : String(current);
    if (text !== '' && parts.at(-1)?.includes(text) !== true) parts.push(text);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(': ');
}
