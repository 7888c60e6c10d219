import { derivationPath } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import type { RecordedBuild, RecordedStep } from '../../database/evaluations/read-recorded-work.ts';

/** A derivation as far as a trace tells of it. */
export type KnownDerivation = {
  readonly system: string;
  readonly inputs: readonly DerivationPath[];
  readonly requiredFeatures: readonly string[];
};

type Recorded = {
  readonly builds: readonly RecordedBuild[];
  readonly steps: readonly RecordedStep[];
};

/**
 * Lines of a trace: the steps that were built, inputs first, and the evaluations that wanted them. What was there before
 * anybody asked was not built, and is left out. A derivation that cannot be read any more counts as one without inputs.
 */
export function* traceLines(
  { builds, steps }: Recorded,
  read: (path: DerivationPath) => KnownDerivation | null,
): Generator<object> {
  const recorded = new Map(steps.map((step) => [pathIn(step.derivation), step]));
  const ids = new Map<DerivationPath, number>();
  const wanted = new Set(builds.map(({ derivation }) => pathIn(derivation)));
  for (const { path, derivation, inputs } of inputsFirst(recorded, read)) {
    const step = recorded.get(path);
    ids.set(path, ids.size);
    const features = derivation?.requiredFeatures ?? [];
    yield {
      id: ids.size - 1,
      name: path.slice(33).replace(/\.drv$/, ''),
      system: step?.system ?? derivation?.system ?? 'unknown',
      inputDrvs: inputs.flatMap((input) => ids.get(input) ?? []),
      ...(features.length === 0 ? {} : { requiredSystemFeatures: features }),
      ...(wanted.has(path) ? { isTopLevel: true } : {}),
      seconds: Math.max(step?.seconds ?? 0, 0),
    };
  }
  yield* evaluationLines(builds, ids);
}

function* evaluationLines(
  builds: readonly RecordedBuild[],
  ids: ReadonlyMap<DerivationPath, number>,
): Generator<object> {
  const start = Math.min(...builds.map(({ at }) => at));
  for (const members of Map.groupBy(builds, ({ evaluation }) => evaluation).values()) {
    const [first] = members;
    const built = members.flatMap(({ derivation }) => ids.get(pathIn(derivation)) ?? []);
    if (first === undefined || built.length === 0) continue;
    const { evaluation, at, jobset } = first;
    yield { evaluation, at: at - start, jobset, builds: built };
  }
}

type Visit = {
  readonly path: DerivationPath;
  readonly derivation: KnownDerivation | null;
  readonly inputs: readonly DerivationPath[];
  next: number;
};

/** A stack of our own: chains are longer than a program's stack is deep. */
function* inputsFirst(
  recorded: ReadonlyMap<DerivationPath, RecordedStep>,
  read: (path: DerivationPath) => KnownDerivation | null,
): Generator<Visit> {
  const seen = new Set<DerivationPath>();
  const visit = (path: DerivationPath): Visit => {
    seen.add(path);
    const derivation = read(path);
    const inputs = derivation?.inputs.filter((input) => recorded.has(input)) ?? [];
    return { path, derivation, inputs, next: 0 };
  };
  for (const start of recorded.keys()) {
    if (seen.has(start)) continue;
    const stack = [visit(start)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.inputs[top.next];
      top.next += 1;
      if (input === undefined) {
        yield top;
        stack.pop();
      } else if (!seen.has(input)) stack.push(visit(input));
    }
  }
}

const pathIn = (text: string): DerivationPath =>
  derivationPath(text.slice(text.lastIndexOf('/') + 1));
