import { isDerivationPath } from '@iolaus/nix';
import type { Derivation, DerivationPath, WantedOutputs } from '@iolaus/nix';
import type { Derivations } from '../store/derivations.ts';

/** What was produced is no derivation, or not the one that was wanted. No later try can help. */
export class ProducedError extends Error {}

type Wanted = ReadonlyMap<DerivationPath, WantedOutputs>;

/**
 * The derivations whose outputs it needs, level by level: its inputs, what these produced, what those produced. Each level
 * may be asked for when all of the one before is built.
 */
export function* producedLevels(
  derivation: Derivation,
  derivations: Derivations,
): Generator<readonly DerivationPath[], void> {
  for (let level: Wanted = derivation.inputDerivations; level.size > 0;) {
    yield [...level.keys()];
    for (const [path, { outputs }] of level) assertOutputs(path, outputs, derivations);
    level = producedBy(level, derivations);
  }
}

function producedBy(level: Wanted, derivations: Derivations): Wanted {
  const produced = new Map<DerivationPath, WantedOutputs>();
  for (const [path, { dynamic }] of level) {
    for (const [output, wanted] of dynamic) {
      const found = derivationIn(path, output, derivations);
      const known = produced.get(found);
      produced.set(found, known === undefined ? wanted : merge(known, wanted));
    }
  }
  return produced;
}

function derivationIn(
  path: DerivationPath,
  output: string,
  derivations: Derivations,
): DerivationPath {
  assertOutputs(path, [output], derivations);
  const found = derivations.outputs(path).get(output);
  if (found === undefined || found === null) {
    throw new Error(`the path of output ${output} of ${path} is not known`);
  }
  if (isDerivationPath(found)) return found;
  throw new ProducedError(`output ${output} of ${path} is ${found}, which is no derivation`);
}

function assertOutputs(
  path: DerivationPath,
  outputs: readonly string[],
  derivations: Derivations,
): void {
  const there = derivations.outputs(path);
  const missing = outputs.find((output) => !there.has(output));
  if (missing === undefined) return;
  const names = [...there.keys()].join(', ');
  throw new ProducedError(`${path} has no output ${missing}, which is needed; it has ${names}`);
}

function merge(one: WantedOutputs, other: WantedOutputs): WantedOutputs {
  const dynamic = new Map(one.dynamic);
  for (const [output, wanted] of other.dynamic) {
    const known = dynamic.get(output);
    dynamic.set(output, known === undefined ? wanted : merge(known, wanted));
  }
  return { outputs: [...new Set([...one.outputs, ...other.outputs])], dynamic };
}
