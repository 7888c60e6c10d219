import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BuildFacts, StepFacts } from '../facts.ts';
import { jobsetId } from '../identity.ts';
import { build, Scenario, step } from '../testing/scenario.ts';
import type { SelectionName } from './policy.ts';

/** Seconds that jobsets have used of their shares: the second one least, the last two alike. */
const used = [500, 100, 300, 300];

const plans = fc.array(
  fc.record({
    needs: fc.uniqueArray(fc.nat(11), { maxLength: 3 }),
    build: fc.option(
      fc.record({ globalPriority: fc.nat(1), localPriority: fc.nat(2), jobset: fc.nat(3) }),
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

type Plan = NonNullable<typeof plans extends fc.Arbitrary<infer Plans> ? Plans : never>[number];

/** Each needs some that come after it; the first is built for its own sake. */
function realise(planned: readonly Plan[]): { builds: BuildFacts[]; steps: StepFacts[] } {
  const steps = planned.map(({ needs }, place) => {
    const inputs = needs.map((distance) => place + 1 + distance);
    return step(
      `s${place}`,
      inputs
        .filter((at) => at < planned.length)
        .map((at) => `s${at}`)
        .join(' '),
    );
  });
  const builds = planned.flatMap(({ build: wanted }, place) => {
    if (wanted === null && place > 0) return [];
    const { jobset = 0, ...priorities } = wanted ?? {};
    return [build(place + 1, `s${place}`, { ...priorities, jobset: jobsetId(jobset) })];
  });
  return { builds, steps };
}

type Work = ReturnType<typeof realise>;

/** Hydra's keys of a step, each as it is compared: what is less comes first. */
function keysOf(name: string, { builds, steps }: Work) {
  const dependentsOf = (one: string): string[] =>
    steps
      .filter(
        ({ inputs, derivation }) => inputs.some((input) => input === one) && isWanted(derivation),
      )
      .map(({ derivation }) => derivation);
  const wantedBy = (one: string): BuildFacts[] => {
    const above = new Set([one]);
    for (const each of steps.toReversed())
      if (each.inputs.some((input) => above.has(input))) above.add(each.derivation);
    return builds.filter(({ derivation }) => above.has(derivation));
  };
  const isWanted = (one: string): boolean => wantedBy(one).length > 0;
  const chain = (one: string): number => 1 + Math.max(0, ...dependentsOf(one).map(chain));
  const wanting = wantedBy(name);
  return {
    global: -Math.max(...wanting.map(({ globalPriority }) => globalPriority)),
    share: Math.min(...wanting.map(({ jobset }) => used[jobset] ?? 0)),
    local: -Math.max(...wanting.map(({ localPriority }) => localPriority)),
    build: Math.min(...wanting.map(({ id }) => id)),
    dependents: -dependentsOf(name).length,
    path: -chain(name),
  };
}

const ranks = {
  Legacy: ['global', 'share', 'local', 'build'],
  WithRdeps: ['global', 'share', 'dependents', 'local', 'build'],
  WithCriticalPath: ['global', 'share', 'path', 'local', 'build'],
} as const;

function runnableUnder(selection: SelectionName, work: Work): string[] {
  const farm = new Scenario({ selection });
  for (const [id, usedSeconds] of used.entries())
    farm.apply({ type: 'jobset-seen', jobset: jobsetId(id), shares: 1, usedSeconds });
  farm.queue(work.builds, work.steps);
  return [...farm.farm.view.runnable(99)].map(({ derivation }) => derivation);
}

for (const selection of ['Legacy', 'WithRdeps', 'WithCriticalPath'] as const) {
  test(`${selection} gives out steps in the order of Hydra's keys, whatever the graph`, () => {
    fc.assert(
      fc.property(plans, (planned) => {
        const work = realise(planned);
        const told = runnableUnder(selection, work).map((name) => {
          const keys = keysOf(name, work);
          return ranks[selection].map((key) => keys[key]);
        });
        const sorted = told.toSorted((one, other) => {
          const first = one.findIndex((key, index) => key !== other[index]);
          return first === -1 ? 0 : (one[first] ?? 0) - (other[first] ?? 0);
        });
        assert.deepEqual(told, sorted);
      }),
    );
  });
}
