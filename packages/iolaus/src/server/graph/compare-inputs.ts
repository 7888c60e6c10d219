import type { Answer } from '../../api/contract.ts';
import { packageOf } from '../queue/queue-rows.ts';
import type { DerivationInputs } from './derivation-inputs.ts';

type InputsDifference = NonNullable<Answer<'compareBuild'>['inputs']>;

/** What one derivation is made of and another is not. Of what has the same name, whatever its version, one took the other's place. */
export function compareInputs(before: DerivationInputs, after: DerivationInputs): InputsDifference {
  const gone = onlyIn(before, after);
  const come = onlyIn(after, before);
  const changed: InputsDifference['changed'] = [];
  const added: string[] = [];
  for (const path of come) {
    const name = nameOf(path);
    const former = gone.findIndex((other) => nameOf(other) === name);
    const [replaced] = former < 0 ? [] : gone.splice(former, 1);
    if (replaced === undefined) added.push(path);
    else changed.push({ name, before: replaced, after: path });
  }
  return { added, removed: gone, changed };
}

function onlyIn(one: DerivationInputs, other: DerivationInputs): string[] {
  const known = new Set([...other.derivations, ...other.sources]);
  return [...one.derivations, ...one.sources].filter((path) => !known.has(path)).sort();
}

/** Without the version, which begins with the first dash that a digit follows. */
const nameOf = (path: string): string => packageOf(path).replace(/-\d.*$/, '');
