import type { DerivationPath } from '@iolaus/nix';
import { derivation, resultOf, step } from '../scenario.ts';
import { pick } from '../universe.ts';
import type { Stage } from './stage.ts';

// What is found in a store, gone from it, and what derivations turn out to be.

export function findBuilt(stage: Stage): void {
  const facts = pick(stage.universe.all, stage.dice(1000));
  const attempts = stage.observer.live.values();
  const isLive = attempts.some(({ step: { derivation } }) => derivation === facts.derivation);
  if (!isLive) stage.universe.built.add(facts.derivation);
  const { derivation } = facts;
  stage.observer.apply({ type: 'step-found-built', derivation, result: resultOf(facts) });
}

/** Something is gone; whoever needs it is told at once. */
export function collectGarbage(stage: Stage): void {
  const { derivation } = pick(stage.universe.all, stage.dice(1000));
  if (!stage.universe.built.delete(derivation)) return;
  const needing = stage.universe.all.filter(
    (facts) =>
      facts.inputs.includes(derivation) && stage.observer.farm.view.hasStep(facts.derivation),
  );
  const steps = stage.universe.unfinishedBelow(needing.map((facts) => facts.derivation));
  stage.observer.apply({ type: 'builds-queued', builds: [], steps });
}

export function unfoldSteps(stage: Stage): void {
  const { observer } = stage;
  for (const asked of observer.unfolding) {
    observer.unfolding.delete(asked);
    if (observer.farm.view.step(asked)?.state.type !== 'unfolding') continue;
    if (stage.dice(8) === 1) {
      observer.apply({ type: 'unfolding-failed', derivation: asked, message: 'no derivation' });
    } else if (stage.dice(2) === 0) resolveStep(stage, asked);
    else {
      const inputs = stage.dice(2) === 0 ? [] : [derivation(`p${asked}`)];
      const steps = inputs.map((input) => step(input));
      const produced = { derivation: asked, inputs, steps, unfoldsAgain: stage.dice(4) === 1 };
      observer.apply({ type: 'step-unfolded', produced });
    }
  }
}

/** `s4` becomes `r4`, which has the same outputs and may have been built before. */
function resolveStep(stage: Stage, asked: DerivationPath): void {
  const { derivation: _, ...facts } = stage.universe.factsOf(asked);
  const into = { ...facts, derivation: derivation(asked.replace('s', 'r')), inputs: [] };
  const result = stage.dice(3) === 0 ? resultOf(into) : null;
  const steps = result === null ? [{ ...into, unfolds: false }] : [];
  if (result !== null) stage.universe.built.add(asked);
  const resolved = { derivation: asked, into: into.derivation, steps, result };
  stage.observer.apply({ type: 'step-resolved', resolved });
}
