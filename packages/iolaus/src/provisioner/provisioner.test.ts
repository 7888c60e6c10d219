import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLogger } from '../logging/logger.ts';
import { DriverError } from './drivers/driver.ts';
import type { Driver } from './drivers/driver.ts';
import { blankMemory } from './plan/memory.ts';
import type { Memory } from './plan/memory.ts';
import type { Demand, Machine } from './plan/observation.ts';
import { Provisioner } from './provisioner.ts';
import { configured } from './testing/world.ts';

/** A provider that outlives provisioners: what was asked of it, and how it answers. */
class Provider {
  readonly machines = new Map<string, Machine>();
  /** Creations by name. */
  readonly asked: string[] = [];
  now = 1_000_000_000_000;
  runnable = 4;
  /** What happens to a creation: it is done; done, but nobody hears of it; not done, and nobody hears; refused. */
  mood: 'answers' | 'dies-after' | 'dies-before' | 'no-credentials' = 'answers';
  lists: 'well' | 'nonsense' | 'not' = 'well';
  leader = 'one';
  /** The leader has just been given the lead. */
  isNew = false;

  driver(): Driver {
    return {
      list: async () => {
        if (this.lists === 'nonsense') throw new DriverError('configuration', 'it prints nonsense');
        if (this.lists === 'not') throw new Error('the wire broke');
        return [...this.machines.values()];
      },
      create: async ({ name, pool, offer, generation }) => {
        this.asked.push(name);
        if (this.mood === 'no-credentials') throw new DriverError('credentials', 'they expired');
        if (this.mood === 'dies-before') return new Promise(() => {});
        if (!this.machines.has(name)) {
          this.machines.set(name, {
            name,
            handle: name,
            pool: pool.name,
            offer: offer.name,
            generation,
            state: 'running',
            createdAt: this.now,
            isInterrupted: false,
          });
        }
        return this.mood === 'dies-after' ? new Promise(() => {}) : undefined;
      },
      destroy: async ({ name }) => void this.machines.delete(name),
      [Symbol.asyncDispose]: async () => {},
    };
  }

  demand(): Demand {
    const { runnable, now } = this;
    const need = {
      system: 'x',
      features: [],
      runnable,
      seconds: 60 * runnable,
      waitingSince: now,
      memoryBytes: 0,
      criticalPathSeconds: 60,
      behind: 0,
      behindSeconds: 0,
    };
    return { now, startedAt: 0, needs: [need], builders: [] };
  }
}

/** A life of a provisioner, with what the one before it wrote down. */
function begin(provider: Provider, disk: { memory: Memory }, holder = 'one'): Provisioner {
  return new Provisioner({
    holder,
    configuration: configured({ max: 3 }),
    drivers: new Map([['d', provider.driver()]]),
    runner: {
      demand: async () => provider.demand(),
      hold: async () => {},
      lead: async () => ({ holder: provider.leader, isNew: provider.isNew }),
      tell: async () => {},
    },
    clock: { now: () => provider.now, elapsed: () => provider.now, after: () => () => {} },
    logger: createLogger({
      program: 'test',
      level: 'error',
      destination: { isTerminal: false, write: () => {} },
    }),
    joinDocument: () => ({ endpoint: 'x', token: null, exitWhenIdle: null, afterwards: 'x' }),
    memory: revive(disk.memory),
    remember: (memory) => {
      disk.memory = structuredClone(memory);
    },
  });
}

/** As the state file is read. */
const revive = (memory: Memory): Memory => ({
  ...memory,
  wishes: Object.fromEntries(
    Object.entries(memory.wishes).map(([name, wish]) => [
      name,
      { ...wish, isUnsure: !wish.isCreated },
    ]),
  ),
});

async function ticks(provisioner: Provisioner, provider: Provider, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await provisioner.tick();
    // What ends at once has ended.
    await new Promise(setImmediate);
    provider.now += 10_000;
  }
}

test('wherever a provisioner dies, the next one asks under the same names, and makes no machine too many', async () => {
  const moods = fc.constantFrom<Provider['mood']>('answers', 'dies-after', 'dies-before');
  await fc.assert(
    fc.asyncProperty(fc.array(moods, { minLength: 1, maxLength: 5 }), async (deaths) => {
      const provider = new Provider();
      const disk = { memory: blankMemory };
      for (const mood of deaths) {
        provider.mood = mood;
        await ticks(begin(provider, disk), provider, 2);
      }
      provider.mood = 'answers';
      await ticks(begin(provider, disk), provider, 3);
      assert.equal(provider.machines.size, 2);
      assert.equal(new Set(provider.asked).size, 2, provider.asked.join(', '));
    }),
    { numRuns: 40 },
  );
});

test('a driver that answers nonsense, or not at all, changes nothing, and the sentence says so', async () => {
  const provider = new Provider();
  const provisioner = begin(provider, { memory: blankMemory });
  await ticks(provisioner, provider, 2);
  provider.runnable = 0;
  for (const lists of ['nonsense', 'not'] as const) {
    provider.lists = lists;
    await ticks(provisioner, provider, 100);
    assert.equal(provider.machines.size, 2);
    assert.match(
      provisioner.latest?.pools[0]?.sentence ?? '',
      /The driver d does not say which machines there are, so nothing is done/,
    );
  }
});

test('credentials that expire midway stop creations only, and say what is wrong', async () => {
  const provider = new Provider();
  provider.runnable = 2;
  const provisioner = begin(provider, { memory: blankMemory });
  await ticks(provisioner, provider, 2);
  provider.mood = 'no-credentials';
  provider.runnable = 6;
  await ticks(provisioner, provider, 10);
  assert.equal(provider.machines.size, 1);
  assert.match(provisioner.latest?.pools[0]?.sentence ?? '', /But default: they expired/);
  assert.ok(provider.asked.length <= 3, `${provider.asked.length} calls`);
  provider.mood = 'answers';
  await ticks(provisioner, provider, 40);
  assert.equal(provider.machines.size, 3);
});

test('what is foreseen is not done', async () => {
  const provider = new Provider();
  const disk = { memory: blankMemory };
  const foreseen = await begin(provider, disk).foresee();
  assert.equal(foreseen.wishes.length, 2);
  assert.equal(provider.asked.length, 0);
  assert.equal(disk.memory, blankMemory);
});

test('of two provisioners with one owner one acts, and who takes over makes nothing a second time', async () => {
  const provider = new Provider();
  const [one, other] = ['one', 'other'].map((holder) =>
    begin(provider, { memory: blankMemory }, holder),
  );
  assert.ok(one !== undefined && other !== undefined);
  await ticks(one, provider, 1);
  await ticks(other, provider, 3);
  assert.equal(provider.asked.length, 2);
  assert.deepEqual([other.latest, other.turn], [null, { type: 'stands-by', holder: 'one' }]);

  // The first one asks for a machine more, hears nothing, and is silent.
  provider.mood = 'dies-before';
  provider.runnable = 6;
  await ticks(one, provider, 1);
  provider.mood = 'answers';
  [provider.leader, provider.isNew] = ['other', true];
  await ticks(other, provider, 1);
  provider.isNew = false;
  await ticks(other, provider, 1);
  await ticks(one, provider, 3);
  assert.equal(provider.machines.size, 3);
  // It is given the lead again: of what it had wished for it asks nothing any more.
  [provider.leader, provider.isNew] = ['one', true];
  await ticks(one, provider, 3);
  assert.equal(provider.asked.length, 4);
  assert.equal(provider.machines.size, 3);
});
