import type { StorePath } from '@iolaus/nix';
import type { AttemptFailure } from '../../farm/outcome.ts';
import { describeError } from '../../fault/fault.ts';
import type { ReportedOutput } from '../../protocol/attempt-report.ts';
import type { Validity } from '../ingest/validity.ts';

/** Why a success is none. */
export type Objection = { readonly failure: AttemptFailure; readonly message: string };

type ReportedOutputs = ReadonlyMap<string, ReportedOutput>;

/** Success is what is in the store, not what somebody says. Null where there is nothing to object. */
export async function findObjection(
  outputs: ReportedOutputs,
  { validity, maxOutputBytes }: { readonly validity: Validity; readonly maxOutputBytes: number },
): Promise<Objection | null> {
  const excess = findExcess(outputs, maxOutputBytes);
  if (excess !== null) return { failure: 'output-limit-exceeded', message: excess };
  const missing = await findMissing(outputs, validity);
  return missing === null ? null : { failure: 'upload-failed', message: missing };
}

/** The builder should have seen that itself. */
function findExcess(outputs: ReportedOutputs, maxOutputBytes: number): string | null {
  const large = [...outputs].find(([, { narSize }]) => narSize > maxOutputBytes);
  return large === undefined
    ? null
    : `the output ${large[0]} has ${large[1].narSize} bytes, which is more than ${maxOutputBytes}`;
}

async function findMissing(outputs: ReportedOutputs, validity: Validity): Promise<string | null> {
  const paths: StorePath[] = [...outputs.values()].map(({ path }) => path);
  try {
    const valid = await validity(paths);
    const missing = paths.filter((path) => !valid.has(path));
    return missing.length === 0
      ? null
      : `the builder reported success, but the store lacks ${missing.join(', ')}`;
  } catch (error) {
    return `the runner's Nix daemon cannot tell whether the outputs are there: ${describeError(error)}`;
  }
}
