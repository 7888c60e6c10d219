import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured, World } from '../testing/world.ts';
import type { Machine, Observation } from './observation.ts';
import { blankMemory } from './memory.ts';
import { plan } from './plan.ts';
import { limitsAt } from './schedule.ts';

/** A world at work with one machine, and what it would look like with that machine otherwise. */
function working(pool: object = {}): {
  world: World;
  seen: (changes: Partial<Machine>) => Observation;
} {
  const world = new World(configured({ ...pool }));
  world.runnable = 2;
  world.ticks(5);
  assert.equal(world.standing.size, 1);
  const seen = (changes: Partial<Machine>): Observation => {
    const observation = world.observe();
    const machines = observation.machines['d'] ?? [];
    return { ...observation, machines: { d: machines.map((one) => ({ ...one, ...changes })) } };
  };
  return { world, seen };
}

test('a machine that its provider takes back drains, and another one is asked for at once', () => {
  const { world, seen } = working({ min: 1 });
  const made = plan(seen({ isInterrupted: true }), world.configuration, world.memory);
  assert.deepEqual(made.wishes.map(({ type }) => type).toSorted(), ['create', 'drain']);
});

test('a machine that is made by other settings, or too old, is replaced when it is idle', () => {
  const { world, seen } = working({ maxAge: '1d' });
  world.ticks(4);
  const changed = plan(seen({ generation: 'other' }), world.configuration, world.memory);
  assert.deepEqual(
    changed.wishes.map(({ type, because }) => [type, because.slice(0, 12)]),
    [['drain', 'the settings']],
  );
  const old = plan(seen({ createdAt: world.now - 90_000_000 }), world.configuration, world.memory);
  assert.match(old.wishes[0]?.because ?? '', /it is older than 24 h/);
});

test("a provider's clock that is ahead, or our own that is set back, ends no machine", () => {
  const { world, seen } = working({ maxAge: '1d', bootDeadline: '10m' });
  const ahead = plan(seen({ createdAt: world.now + 9e8 }), world.configuration, world.memory);
  assert.deepEqual(ahead.wishes, []);
  const back = { ...seen({}), now: world.now - 9e8 };
  const made = plan(back, world.configuration, world.memory);
  assert.deepEqual(made.wishes, []);
  assert.equal(made.memory.now, world.memory.now);
});

test('two machines of one name are told, whoever made the second one', () => {
  const { world, seen } = working();
  const observation = seen({});
  const [one] = observation.machines['d'] ?? [];
  assert.ok(one !== undefined);
  const twins = { d: [one, { ...one, handle: 'another' }] };
  const { remarks } = plan({ ...observation, machines: twins }, world.configuration, world.memory);
  assert.match(remarks[0] ?? '', /2 machines are called .*which can only be one/);
});

test('a step is killed only where it is said after how long', () => {
  for (const [drainTimeout, ends] of [
    [undefined, false],
    ['1h', true],
  ] as const) {
    const { world, seen } = working(drainTimeout === undefined ? {} : { drainTimeout });
    world.memory = plan(seen({ isInterrupted: true }), world.configuration, world.memory).memory;
    for (const one of world.standing.values()) Object.assign(one, { attempts: 2, isHeld: true });
    world.now += 3_700_000;
    const made = plan(seen({ isInterrupted: true }), world.configuration, world.memory);
    assert.equal(
      made.wishes.some(({ type }) => type === 'destroy'),
      ends,
    );
  }
});

test('what no pool and no builder can do is told', () => {
  const { world } = working();
  const observation = world.observe();
  const need = {
    system: 'riscv64-linux',
    features: ['kvm'],
    runnable: 3,
    seconds: 9,
    waitingSince: 0,
    memoryBytes: 0,
    criticalPathSeconds: 0,
    behind: 0,
    behindSeconds: 0,
  };
  assert.ok(observation.demand !== null);
  const demand = { ...observation.demand, needs: [need] };
  const { remarks } = plan({ ...observation, demand }, world.configuration, world.memory);
  assert.deepEqual(remarks, [
    'No pool and no builder is for riscv64-linux, kvm, which 3 steps need.',
  ]);
});

test('an orphan is told, and removed where that is said', () => {
  for (const orphans of ['report', 'remove'] as const) {
    const world = new World(configured({}, { orphans }));
    const orphan: Machine = {
      name: 'iolaus-old-1',
      handle: 'h',
      pool: 'gone',
      offer: 'x',
      generation: '',
      state: 'running',
      createdAt: 5,
      isInterrupted: false,
    };
    let { memory } = world;
    const look = () => {
      const made = plan(
        { ...world.observe(), machines: { d: [orphan] } },
        world.configuration,
        memory,
      );
      ({ memory } = made);
      return made;
    };
    assert.deepEqual(look().remarks, []);
    world.now += 16 * 60_000;
    const made = look();
    assert.match(made.remarks[0] ?? '', /bears our mark, is of no pool/);
    assert.equal(made.wishes.length, orphans === 'remove' ? 1 : 0);
  }
});

test('a machine that is to be stopped when idle is started again when there is work', () => {
  const world = new World(configured({ whenIdle: 'stop', gracePeriod: '1m' }));
  world.runnable = 2;
  world.ticks(14);
  const stops = world.wishes.filter(({ type }) => type === 'stop');
  assert.ok(stops.length > 0);
  const observation = world.observe();
  const machines = observation.machines['d']?.map((one) => ({ ...one, state: 'stopped' as const }));
  const stopped: Observation = {
    ...observation,
    machines: { d: machines ?? [] },
    demand: observation.demand && { ...observation.demand, builders: [] },
  };
  const asleep = plan(stopped, world.configuration, world.memory);
  assert.deepEqual(asleep.wishes, []);
  world.runnable = 2;
  const demand = world.observe().demand;
  const woken = plan({ ...stopped, demand }, world.configuration, asleep.memory);
  assert.deepEqual(
    woken.wishes.map(({ type }) => type),
    ['start', 'undrain'],
  );
});

test('a schedule holds on its days, and over midnight', () => {
  const schedule = [{ days: ['fri'], from: '22:00', until: '06:00', min: 2, max: 9 }];
  const [pool] = configured({ schedule }).pools;
  assert.ok(pool !== undefined);
  const at = (time: string): number => limitsAt(pool, Date.parse(time)).min;
  assert.equal(at('2026-11-20T21:59:00Z'), 0);
  assert.equal(at('2026-11-20T22:00:00Z'), 2);
  assert.equal(at('2026-11-21T05:59:00Z'), 2);
  assert.equal(at('2026-11-21T06:00:00Z'), 0);
  assert.equal(at('2026-11-20T05:00:00Z'), 0);
});

test('what waits for other steps counts for the time in which all is to be done, a chain of it for no more machines', () => {
  const world = new World(configured({ max: 9, maxJobs: 2, finishWithin: '10m' }));
  const { demand } = world.observe();
  assert.ok(demand !== null);
  const wantedFor = (runnable: number, criticalPathSeconds: number): string => {
    const need = {
      system: 'x',
      features: [],
      runnable,
      seconds: 60 * runnable,
      waitingSince: 0,
      memoryBytes: 0,
      criticalPathSeconds,
      behind: 50,
      behindSeconds: 3_000,
    };
    const observation = { ...world.observe(), demand: { ...demand, needs: [need] } };
    return plan(observation, world.configuration, blankMemory).pools[0]?.sentence ?? '';
  };
  assert.match(
    wantedFor(10, 300),
    /^4 wanted: 10 steps can start or run, 50 wait for others, 60 min of work in all: to be done within 10 min/,
  );
  assert.match(
    wantedFor(1, 3_060),
    /^1 wanted: .*more have nothing to do, though one chain of steps takes 51 min/,
  );
});
