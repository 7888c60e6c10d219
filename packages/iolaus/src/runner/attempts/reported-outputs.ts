import { equalHashes } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import type { BuiltOutput } from '../../farm/facts.ts';
import type { AttemptFailure } from '../../farm/outcome.ts';
import { describeError } from '../../fault/fault.ts';
import type { ReportedOutput } from '../../protocol/attempt-report.ts';
import type { Refusals } from '../builders/refusals.ts';
import type { Derivations } from '../store/derivations.ts';
import type { Measure, Measured } from '../store/measure.ts';
import type { LiveAttempt } from './attempts.ts';
import { isNamedLike } from './find-output.ts';

/** What the store has of the outputs that a builder reported, or why its success is none. */
export type Inspected =
  | { readonly type: 'there'; readonly outputs: ReadonlyMap<string, BuiltOutput> }
  | { readonly type: 'not-there'; readonly failure: AttemptFailure; readonly message: string };

type Reporter = Pick<LiveAttempt, 'derivation' | 'hostname'>;
type ReportedOutputs = ReadonlyMap<string, ReportedOutput>;

/** Whether an attempt has succeeded, and how large its outputs are, the store decides and not the builder. */
export async function inspectOutputs(
  reporter: Reporter,
  reported: ReportedOutputs,
  options: {
    readonly measure: Measure;
    readonly derivations: Pick<Derivations, 'outputs' | 'isNamed'>;
    readonly refusals: Refusals;
    readonly maxOutputBytes: number;
  },
): Promise<Inspected> {
  const { measure, derivations, refusals, maxOutputBytes } = options;
  const foreign = findForeign(reporter, reported, derivations);
  if (foreign !== null) {
    refusals.note('foreign-output', foreign);
    return notThere('upload-failed', foreign);
  }
  try {
    const measured = await measure([...reported.values()].map(({ path }) => path));
    noteFalseFigures(reporter, reported, measured, refusals);
    return judge(reported, measured, maxOutputBytes);
  } catch (error) {
    const reason = describeError(error);
    return notThere('upload-failed', `nobody can tell whether the outputs are there: ${reason}`);
  }
}

/** An output with another path than it can have; null if there is none. */
function findForeign(
  { derivation, hostname }: Reporter,
  reported: ReportedOutputs,
  derivations: Pick<Derivations, 'outputs' | 'isNamed'>,
): string | null {
  const own = derivations.outputs(derivation);
  const isNamed = derivations.isNamed(derivation);
  const isOwn = (name: string, path: StorePath): boolean =>
    own.has(name) && (isNamed || isNamedLike(derivation, name, path));
  const foreign = [...reported].find(([name, { path }]) => !isOwn(name, path));
  return foreign === undefined
    ? null
    : `${hostname} reported ${foreign[1].path}, which is no output ${foreign[0]} of ${derivation}`;
}

/** They do no harm, but a person should look at the builder. */
function noteFalseFigures(
  { derivation, hostname }: Reporter,
  reported: ReportedOutputs,
  measured: ReadonlyMap<StorePath, Measured>,
  refusals: Refusals,
): void {
  for (const { path, figures } of reported.values()) {
    const found = measured.get(path);
    if (found === undefined || figures === null) continue;
    const { narSize, narHash } = figures;
    const isSame = narHash === null || equalHashes(narHash, found.narHash);
    if (isSame && narSize === found.narSize) continue;
    const message = `${hostname} reported ${path} of ${derivation} with ${narSize} bytes, but the store has another archive of ${found.narSize} bytes`;
    refusals.note('false-figures', message);
  }
}

function judge(
  reported: ReportedOutputs,
  measured: ReadonlyMap<StorePath, Measured>,
  maxOutputBytes: number,
): Inspected {
  const outputs = new Map<string, BuiltOutput>();
  const missing: StorePath[] = [];
  for (const [name, { path }] of reported) {
    const found = measured.get(path);
    if (found === undefined) {
      missing.push(path);
      continue;
    }
    const { narSize, closureSize } = found;
    if (narSize > maxOutputBytes) {
      const excess = `the output ${name} has ${narSize} bytes, which is more than ${maxOutputBytes}`;
      return notThere('output-limit-exceeded', excess);
    }
    outputs.set(name, { path, narSize, closureSize });
  }
  if (missing.length === 0) return { type: 'there', outputs };
  const lacking = `the builder reported success, but the store lacks ${missing.join(', ')}`;
  return notThere('upload-failed', lacking);
}

const notThere = (failure: AttemptFailure, message: string): Inspected => ({
  type: 'not-there',
  failure,
  message,
});
