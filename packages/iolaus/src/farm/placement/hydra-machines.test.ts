import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { build, Scenario, step } from '../testing/scenario.ts';

const features = ['kvm', 'big', 'nixos-test'];

const machines = fc.array(
  fc
    .record({
      speedFactor: fc.constantFrom(0.5, 1, 1.1, 2),
      cpuCount: fc.integer({ min: 1, max: 4 }),
      bogomips: fc.constantFrom(0, 0.5, 1, 2_000, 3_000.5),
      slots: fc.nat(2),
      offered: fc.subarray(features),
      insists: fc.boolean(),
    })
    // A mandatory feature has to be offered, too, or nothing is ever built there.
    .map(({ offered, insists, ...machine }) => ({
      ...machine,
      supportedFeatures: offered,
      mandatoryFeatures: insists ? offered.slice(0, 1) : [],
    })),
  { minLength: 1, maxLength: 5 },
);

type Machine = typeof machines extends fc.Arbitrary<(infer Each)[]> ? Each : never;

const wanted = fc.array(fc.subarray(features, { maxLength: 2 }), { minLength: 1, maxLength: 8 });

/** Hydra's scores, in its single precision. */
const scores = {
  SpeedFactorOnly: ({ speedFactor }: Machine) => Math.fround(speedFactor),
  CpuCoreCountWithSpeedFactor: ({ speedFactor, cpuCount }: Machine) =>
    Math.fround(Math.fround(speedFactor) * cpuCount),
  BogomipsWithSpeedFactor: ({ speedFactor, bogomips, cpuCount }: Machine) =>
    Math.fround(
      Math.fround(Math.fround(speedFactor) * Math.fround(Math.max(bogomips, 1))) * cpuCount,
    ),
};

/** Each step goes to the first machine with a slot and the features; of equals to the one that has less to do, or came first. */
function placeAll(
  order: keyof typeof scores,
  joined: readonly Machine[],
  steps: readonly (readonly string[])[],
): string[] {
  const jobs = joined.map(() => 0);
  return steps.flatMap((required, index) => {
    const able = [...joined.keys()].filter((place) => {
      const { slots = 0, mandatoryFeatures = [], supportedFeatures = [] } = joined[place] ?? {};
      return (
        (jobs[place] ?? 0) < slots &&
        mandatoryFeatures.every((feature) => required.includes(feature)) &&
        required.every((feature) => supportedFeatures.includes(feature))
      );
    });
    const score = (place: number): number => scores[order](joined[place] ?? assert.fail());
    const [first] = able.toSorted(
      (one, other) =>
        score(other) - score(one) || (jobs[one] ?? 0) - (jobs[other] ?? 0) || one - other,
    );
    if (first === undefined) return [];
    jobs[first] = (jobs[first] ?? 0) + 1;
    return [`start s${index} on m${first} for ${index + 1}`];
  });
}

for (const machineOrder of [
  'SpeedFactorOnly',
  'CpuCoreCountWithSpeedFactor',
  'BogomipsWithSpeedFactor',
] as const) {
  test(`${machineOrder} gives each step to the machine that Hydra would give it to`, () => {
    fc.assert(
      fc.property(machines, wanted, (joined, steps) => {
        const farm = new Scenario({ machineOrder, capacity: 'Static', selection: 'Legacy' });
        for (const [place, machine] of joined.entries()) farm.join(`m${place}`, machine);
        const told = steps.flatMap((requiredFeatures, index) => {
          const name = `s${index}`;
          return farm.queue(build(index + 1, name), [step(name, '', { requiredFeatures })]);
        });
        assert.deepEqual(
          told.filter((line) => line.startsWith('start')),
          placeAll(machineOrder, joined, steps),
        );
      }),
    );
  });
}
