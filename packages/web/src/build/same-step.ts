import type { Step } from '../api/v2.ts';
import { derivationName } from '../parts/store-path.ts';

/** Of the steps of another build, newest first, the one that built the same package, if it left a log. */
export function sameStep(step: Step, others: readonly Step[]): Step | undefined {
  const name = packageOf(step.derivation);
  return others.find((other) => other.hasLog && packageOf(other.derivation) === name);
}

/** Without the version, which begins with a digit after a dash: `hello` of `hello-2.12`. */
const packageOf = (derivation: string): string => derivationName(derivation).replace(/-\d.*$/, '');
