import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured, World } from '../testing/world.ts';
import { plan } from './plan.ts';
import type { Demand } from './observation.ts';

const asked = (world: World): string[] =>
  world.wishes.flatMap((wish) => (wish.type === 'create' ? [wish.offer.name] : []));

test('what slots and speed cost decides, not what a machine costs', () => {
  const offers = [
    { name: 'small', price: 0.2 },
    { name: 'large', price: 0.5, maxJobs: 8 },
    { name: 'fast', price: 0.3, speedFactor: 2 },
  ];
  const world = new World(configured({ offers, max: 1 }));
  world.runnable = 2;
  world.tick();
  assert.deepEqual(asked(world), ['large']);
});

test('so many as are said are not spot', () => {
  const offers = [
    { name: 'spot', price: 0.1, spot: true },
    { name: 'steady', price: 0.3 },
  ];
  const world = new World(configured({ offers, max: 4, onDemandBase: 1 }));
  world.runnable = 8;
  world.tick();
  assert.deepEqual(asked(world), ['steady', 'spot', 'spot', 'spot']);
});

test('steps that need much memory get a machine that has it', () => {
  const offers = [
    { name: 'small', price: 0.1, memoryGiB: 8 },
    { name: 'large', price: 0.9, memoryGiB: 64 },
  ];
  const world = new World(configured({ offers, max: 1 }));
  world.runnable = 2;
  const { demand, ...rest } = world.observe();
  assert.ok(demand !== null);
  const needs = demand.needs.map((need) => ({ ...need, memoryBytes: 20 * 2 ** 30 }));
  const hungry: Demand = { ...demand, needs };
  const { wishes } = plan({ ...rest, demand: hungry }, world.configuration, world.memory);
  assert.deepEqual(
    wishes.map((wish) => wish.type === 'create' && wish.offer.name),
    ['large'],
  );
});

test('when what a day may cost is spent, nothing is started until it is over', () => {
  const offers = [{ name: 'dear', price: 6 }];
  const world = new World(configured({ offers, max: 2 }, { maxCostPerDay: 10 }));
  // Two machines for an hour are more.
  for (let tick = 0; tick < 6 * 62; tick += 1) {
    world.runnable = 40;
    world.tick();
  }
  const before = world.count('create');
  world.standing.clear();
  world.ticks(6 * 10);
  assert.equal(world.count('create'), before);
  assert.match(world.tick().pools[0]?.sentence ?? '', /the 10 € of a day are spent/);
  world.runnable = 40;
  world.tick(24 * 3_600_000);
  assert.ok(world.count('create') > before);
});

test('a machine whose builder is gone is ended when it has been for so long, and not before', () => {
  const world = new World(configured({ max: 1, lostDeadline: '5m' }));
  world.runnable = 40;
  world.ticks(6);
  const [one] = world.standing.values();
  assert.ok(one !== undefined);
  // It does not come back.
  const gone = { ...one, joinsAt: Infinity };
  world.standing.set(one.machine.name, gone);
  world.ticks(6 * 4);
  assert.equal(world.count('destroy'), 0);
  world.ticks(6 * 2);
  assert.equal(world.count('destroy'), 1);
  assert.equal(world.standing.size, 1);
});
