import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { Slots } from './slots.ts';

const { signal: never } = new AbortController();

test('as many as there are slots come in at once, the next when one is given back', async () => {
  const slots = new Slots(2);
  const first = await slots.take(never);
  assert.equal(slots.isFull, false);
  await slots.take(never);
  assert.equal(slots.isFull, true);
  let admitted = false;
  const third = slots.take(never).then((slot) => {
    admitted = true;
    return slot;
  });
  await nextTurn();
  assert.equal(admitted, false);
  first[Symbol.dispose]();
  await third;
  assert.equal(admitted, true);
});

test('whoever came first is admitted first', async () => {
  const slots = new Slots(1);
  const held = await slots.take(never);
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (number) => {
    using _slot = await slots.take(never);
    order.push(number);
  });
  held[Symbol.dispose]();
  await Promise.all(waiting);
  assert.deepEqual(order, [1, 2, 3]);
});

test('a slot that is given back twice counts once', async () => {
  const slots = new Slots(1);
  const slot = await slots.take(never);
  slot[Symbol.dispose]();
  slot[Symbol.dispose]();
  await slots.take(never);
  assert.equal(slots.isFull, true);
});

test('whoever gives up waiting takes no slot', async () => {
  const slots = new Slots(1);
  const held = await slots.take(never);
  const impatient = new AbortController();
  const waiting = slots.take(impatient.signal);
  impatient.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  held[Symbol.dispose]();
  assert.equal(slots.isFull, false);
  await assert.rejects(slots.take(impatient.signal), /enough/);
});

test('whatever is taken, given back and given up: never more than all are held, and none is lost', async () => {
  const step = fc.constantFrom('take', 'take', 'give', 'give-up');
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 3 }),
    fc.array(step, { maxLength: 30 }),
    async (count, steps) => {
      const slots = new Slots(count);
      const held: Disposable[] = [];
      const waiting: AbortController[] = [];
      for (const what of steps) {
        if (what === 'take') {
          const controller = new AbortController();
          waiting.push(controller);
          void slots.take(controller.signal).then(
            (slot) => {
              waiting.splice(waiting.indexOf(controller), 1);
              return held.push(slot);
            },
            () => {},
          );
        } else if (what === 'give') held.shift()?.[Symbol.dispose]();
        else waiting.shift()?.abort();
        await nextTurn();
        assert.ok(held.length <= count);
        assert.ok(waiting.length === 0 || held.length === count);
      }
    },
  );
  await fc.assert(property, { numRuns: 50 });
});
