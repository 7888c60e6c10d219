import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configured, World } from '../testing/world.ts';
import type { Trouble } from '../testing/world.ts';
import { blankMemory } from './memory.ts';
import { plan } from './plan.ts';

test('all machines that are wanted are asked for at once, and all go when the work is done', () => {
  const world = new World(configured({ max: 3, runnablesPerMachine: 10 }));
  world.runnable = 35;
  const first = world.tick();
  assert.equal(first.wishes.length, 3);
  assert.match(
    first.pools[0]?.sentence ?? '',
    /^3 wanted: 35 steps can start, 10 for each machine/,
  );
  world.ticks(100);
  assert.equal(world.runnable, 0);
  assert.equal(world.standing.size, 0);
  assert.equal(world.count('create'), 3);
  assert.deepEqual(world.offences, []);
});

test('demand that comes and goes every two minutes makes one cycle, not thirty', () => {
  const world = new World(configured());
  for (let minute = 0; minute < 60; minute += 2) {
    if (minute % 4 === 0) world.runnable = 20;
    world.ticks(12);
  }
  assert.equal(world.count('create'), 5);
  world.ticks(60);
  assert.equal(world.standing.size, 0);
});

test('while the runner does not answer nothing goes, and no more is made than the least', () => {
  const world = new World(configured({ min: 1 }));
  world.runnable = 8;
  world.ticks(6);
  const before = world.standing.size;
  world.trouble.runnerFails = true;
  world.ticks(300);
  assert.equal(world.standing.size, before);
  assert.match(world.tick().pools[0]?.sentence ?? '', /the runner does not answer/);
  world.trouble.runnerFails = false;
  world.ticks(100);
  assert.equal(world.standing.size, 1);
});

test('while a driver cannot be listed nothing is done with its machines', () => {
  const world = new World(configured());
  world.runnable = 4;
  world.ticks(6);
  world.trouble.listFails = true;
  const before = world.wishes.length;
  world.ticks(300);
  assert.equal(world.wishes.length, before);
  assert.equal(world.standing.size, 2);
});

test('what is refused is not asked for again at once, and the sentence says what stands in the way', () => {
  const world = new World(configured());
  world.runnable = 2;
  world.trouble.refuses = true;
  world.ticks(60);
  assert.ok(world.count('create') < 8, `${world.count('create')} tries in ten minutes`);
  assert.match(world.tick().pools[0]?.sentence ?? '', /But default: none left/);
});

test('machines that boot and never join are given up, and after three the pool makes no more for a while', () => {
  const world = new World(configured({ max: 1 }));
  world.runnable = 2;
  world.trouble.isMute = true;
  world.ticks(300);
  assert.equal(world.count('create'), 3);
  assert.equal(world.count('destroy'), 3);
  assert.match(world.tick().pools[0]?.sentence ?? '', /3 machines in a row never joined/);
});

test('a machine whose pool is gone from the configuration drains and goes', () => {
  const world = new World(configured());
  world.runnable = 2;
  world.ticks(6);
  assert.equal(world.standing.size, 1);
  const other = new World({ ...world.configuration, pools: [] });
  for (const [name, one] of world.standing) other.standing.set(name, one);
  other.now = world.now;
  other.ticks(5);
  assert.equal(other.standing.size, 0);
  assert.deepEqual(other.offences, []);
});

test('work that comes back finds the machines that were about to go', () => {
  const world = new World(configured({ gracePeriod: '0s', billingStep: '1s' }));
  world.runnable = 40;
  world.ticks(5);
  world.runnable = 0;
  for (const one of world.standing.values()) one.attempts = 2;
  const drained = world.count('drain');
  world.tick();
  assert.ok(world.count('drain') > drained);
  world.runnable = 40;
  world.tick();
  assert.ok(world.count('undrain') > 0);
  assert.equal(world.count('create'), 5);
});

test('a machine that is paid for stays until its paid time is nearly over', () => {
  const world = new World(
    configured({ billingStep: '1h', releaseBefore: '10m', gracePeriod: '1m' }),
  );
  world.runnable = 2;
  world.ticks(6 * 45);
  assert.equal(world.standing.size, 1);
  world.ticks(6 * 14);
  assert.equal(world.standing.size, 0);
});

test('nobody is asked for more than an hour may cost', () => {
  const offers = [{ name: 'small', price: 0.4 }];
  const world = new World(configured({ offers }, { maxCostPerHour: 1 }));
  world.runnable = 20;
  const made = world.tick();
  assert.equal(made.wishes.length, 2);
  assert.match(made.pools[0]?.sentence ?? '', /it would cost more than 1 € an hour/);
});

test('the cheapest offer comes first, and the next one when it is not to be had', () => {
  const offers = [
    { name: 'steady', price: 0.3 },
    { name: 'spot', price: 0.1, spot: true },
  ];
  const world = new World(configured({ offers, max: 1 }));
  world.runnable = 2;
  world.trouble.refuses = true;
  world.tick();
  world.trouble.refuses = false;
  world.tick();
  const asked = world.wishes.flatMap((wish) => (wish.type === 'create' ? [wish.offer.name] : []));
  assert.deepEqual(asked, ['spot', 'steady']);
});

const step = fc.oneof(
  fc.record({ type: fc.constant('work' as const), steps: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ type: fc.constant('pass' as const), ticks: fc.integer({ min: 1, max: 40 }) }),
  fc.record({
    type: fc.constant('trouble' as const),
    which: fc.constantFrom<keyof Trouble>('refuses', 'isMute', 'listFails', 'runnerFails'),
    on: fc.boolean(),
  }),
  fc.constant({ type: 'crash' as const }),
);

const settings = fc.record({
  min: fc.integer({ min: 0, max: 2 }),
  max: fc.integer({ min: 2, max: 6 }),
  warm: fc.integer({ min: 0, max: 2 }),
  gracePeriod: fc.constantFrom('0s', '1m', '5m'),
  billingStep: fc.constantFrom('1s', '1h'),
  finishWithin: fc.constantFrom(undefined, '1m', '10m'),
});

test('whatever happens: never above the most, never below the least by choice, no step killed, no wish twice', () => {
  fc.assert(
    fc.property(
      settings,
      fc.array(step, { maxLength: 12 }),
      fc.constantFrom(0, 25_000),
      ({ finishWithin, ...pool }, steps, lag) => {
        const configuration = configured(
          { ...pool, ...(finishWithin === undefined ? {} : { finishWithin }) },
          lag > 0 ? { drivers: { d: { type: 'hetzner', tokenFile: 'x', image: 'x' } } } : {},
        );
        const world = new World(configuration, { lag });
        for (const one of steps) {
          if (one.type === 'work') world.runnable += one.steps;
          else if (one.type === 'pass') world.ticks(one.ticks);
          else if (one.type === 'trouble') world.trouble[one.which] = one.on;
          else world.memory = blankMemory;
        }
        assert.deepEqual(world.offences, []);
        const created = world.wishes.filter(({ type }) => type === 'create');
        assert.equal(new Set(created.map(({ name }) => name)).size, created.length);
        Object.assign(world.trouble, {
          refuses: false,
          isMute: false,
          listFails: false,
          runnerFails: false,
        });
        world.runnable = 0;
        world.memory = blankMemory;
        world.ticks(1_000);
        assert.deepEqual(world.offences, []);
        const kept = Math.max(pool.min, Math.min(pool.warm, pool.max));
        const ready = [...world.standing.values()].filter(({ isHeld }) => !isHeld);
        assert.equal(ready.length, pool.warm > 0 ? kept : pool.min);
      },
    ),
    { numRuns: 150 },
  );
});

test('the same is decided from the same, and nothing that was given is changed', () => {
  const world = new World(configured());
  world.runnable = 9;
  world.ticks(7);
  const observation = deepFreeze(world.observe());
  const memory = deepFreeze(structuredClone(world.memory));
  const configuration = deepFreeze(structuredClone(world.configuration));
  assert.deepEqual(
    plan(observation, configuration, memory),
    plan(observation, configuration, memory),
  );
});

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
