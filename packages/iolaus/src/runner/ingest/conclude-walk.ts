import type { DerivationPath } from '@iolaus/nix';
import type { StepFacts } from '../../farm/facts.ts';
import type { ChargedFind, Found } from './record-found.ts';
import { chargeRoots } from './record-substitutions.ts';
import type { ChargedSubstitution } from './record-substitutions.ts';
import type { Substituted } from './substitution.ts';

/** What a walk down from some roots came by. */
export type Walked = {
  readonly unfinished: Map<DerivationPath, StepFacts>;
  readonly built: Set<DerivationPath>;
  /** What cannot be read or built by anybody, and why. */
  readonly unreadable: Map<DerivationPath, string>;
  readonly substituted: Substituted[];
  readonly found: Found[];
};

export type UnfinishedGraph = {
  /** New steps that the readable roots need. */
  readonly steps: readonly StepFacts[];
  /** Roots whose outputs are all there. */
  readonly built: ReadonlySet<DerivationPath>;
  /** Roots that can never be built, and why. */
  readonly unreadable: ReadonlyMap<DerivationPath, string>;
  /** What was fetched on the way. */
  readonly substituted: readonly ChargedSubstitution[];
  /** What was there before anything was fetched, as far as anybody looked. */
  readonly found: readonly ChargedFind[];
};

/** Leaves out inputs that are there, and everything above or only below what cannot be read. */
export function concludeWalk(roots: readonly DerivationPath[], walked: Walked): UnfinishedGraph {
  const blocked = findBlocked(walked);
  const readable = roots.filter((root) => !blocked.has(root));
  const steps = reachable(readable, walked.unfinished).map((step) => ({
    ...step,
    inputs: step.inputs.filter((input) => !walked.built.has(input)),
  }));
  const unreadable = new Map<DerivationPath, string>();
  for (const root of roots) {
    const reason = blocked.get(root);
    if (reason !== undefined) unreadable.set(root, reason);
  }
  return {
    steps,
    built: new Set(roots.filter((root) => walked.built.has(root))),
    unreadable,
    substituted: chargeRoots(walked.substituted, roots, walked.unfinished),
    found: chargeRoots(walked.found, roots, walked.unfinished),
  };
}

/** Everything that is unreadable or needs something unreadable, with the reason. */
function findBlocked({ unfinished, unreadable }: Walked): Map<DerivationPath, string> {
  const blocked = new Map(unreadable);
  if (unreadable.size === 0) return blocked;
  const dependents = new Map<DerivationPath, DerivationPath[]>();
  for (const step of unfinished.values()) {
    for (const input of step.inputs) {
      const known = dependents.get(input);
      if (known === undefined) dependents.set(input, [step.derivation]);
      else known.push(step.derivation);
    }
  }
  const queue = [...unreadable];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [derivation, reason] = next;
    for (const dependent of dependents.get(derivation) ?? []) {
      if (blocked.has(dependent)) continue;
      blocked.set(dependent, reason);
      queue.push([dependent, reason]);
    }
  }
  return blocked;
}

function reachable(
  roots: readonly DerivationPath[],
  unfinished: ReadonlyMap<DerivationPath, StepFacts>,
): StepFacts[] {
  const found = new Map<DerivationPath, StepFacts>();
  const queue = [...roots];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const step = unfinished.get(next);
    if (step === undefined || found.has(next)) continue;
    found.set(next, step);
    queue.push(...step.inputs);
  }
  return [...found.values()];
}
