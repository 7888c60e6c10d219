import { test } from 'node:test';
import fc from 'fast-check';
import { World } from './world.ts';
import type { Dice } from './stage.ts';

const blueprints = fc.array(
  fc.record({
    inputs: fc.array(fc.nat(6), { maxLength: 3 }),
    system: fc.constantFrom(0, 0, 0, 1, 2),
    features: fc.nat(4),
    failedBefore: fc.nat(24).map((number) => number === 7),
  }),
  { minLength: 1, maxLength: 14 },
);

const settings = fc.record({
  maxTries: fc.integer({ min: 1, max: 5 }),
  retryIntervalSeconds: fc.constantFrom(0, 30, 60),
  retryBackoff: fc.integer({ min: 1, max: 3 }),
  maxUnsupportedSeconds: fc.constantFrom(0, 120, 100_000),
  maxSilentSeconds: fc.constant(3600),
  timeoutSeconds: fc.constant(36_000),
  retryJitter: fc.constantFrom(0, 0.1),
  silentBuilderSeconds: fc.constantFrom(5, 100, 100_000),
});

const tape = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 50, maxLength: 900, size: 'max' });

test('whatever happens to a farm, it keeps its promises, and all builds end once faults stop', () => {
  fc.assert(
    fc.property(blueprints, settings, tape, (plans, limits, numbers) => {
      let position = 0;
      const dice: Dice = (limit) => (numbers[position++] ?? 0) % limit;
      const world = new World(plans, limits, dice);
      while (position < numbers.length) world.act();
      world.settle();
      world.observer.judgeDeterminism();
    }),
    { numRuns: 300 },
  );
});
