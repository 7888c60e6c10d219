import { describeError } from '../../fault/fault.ts';
import type { ReportedFailure } from '../../protocol/attempt-report.ts';

/** Why an attempt ended without outputs, as the runner is told. */
export class AttemptError extends Error {
  override readonly name = 'AttemptError';
  readonly failure: ReportedFailure;

  constructor(failure: ReportedFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Has whatever goes wrong in `work` count as `failure`, unless it already says what it counts as. */
export async function failingAs<Result>(
  failure: ReportedFailure,
  doing: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AttemptError) throw error;
    throw new AttemptError(failure, doing, { cause: error });
  }
}

// Long enough for the last lines of a log, short enough for a column of a table.
const messageCharactersMax = 10_000;
// PostgreSQL takes every character but this one.
const zero = '\0';

/** What the runner, the database and everybody who looks at the page may read of an error. */
export function publicMessage(error: unknown): string {
  return describeError(error)
    .slice(0, messageCharactersMax)
    .replaceAll(zero, '')
    .replaceAll(/[^\s'"]+/g, withoutQuery);
}

/** What stands behind the question mark of a presigned URL is a secret for as long as it is valid. */
function withoutQuery(word: string): string {
  const query = word.includes('://') ? word.indexOf('?') : -1;
  return query === -1 ? word : `${word.slice(0, query)}?…`;
}
