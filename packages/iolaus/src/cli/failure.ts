import { Fault, describeError } from '../fault/fault.ts';
import { paintFor } from './terminal/paint.ts';

/** Tells the person what went wrong and what would put it right; returns the status to end with. */
export function reportFailure(error: unknown): number {
  const paint = paintFor(process.stderr);
  console.error(`${paint('red', 'iolaus:')} ${describeError(error)}`);
  if (!(error instanceof Fault)) {
    if (error instanceof Error && error.stack !== undefined) console.error(error.stack);
    return 1;
  }
  if (error.remedy !== undefined) console.error(error.remedy);
  return error.exitStatus;
}

/** For a line of the log: what went wrong, and what would put it right where somebody knows. */
export function failureFields(error: unknown): Readonly<Record<string, string>> {
  const remedy = error instanceof Fault ? error.remedy : undefined;
  return { error: describeError(error), ...(remedy !== undefined && { remedy }) };
}
