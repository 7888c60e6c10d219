import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atMost } from './at-most.ts';
import { Budget } from './budget.ts';

test('never is more lent than there is, and everybody gets something', async () => {
  const shares = fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(shares, async (amounts) => {
      const lane = atMost(10);
      let lent = 0;
      const work = async (amount: number): Promise<void> => {
        lent += Math.min(amount, 10);
        assert.ok(lent <= 10);
        await new Promise<void>((resolve) => void setImmediate(resolve));
        lent -= Math.min(amount, 10);
      };
      await Promise.all(amounts.map((amount) => lane(() => work(amount), amount)));
      assert.equal(lent, 0);
    }),
  );
});

test('who waits for much is not overtaken by those who want little', async () => {
  const budget = new Budget(10);
  await budget.take(4);
  const order: string[] = [];
  const much = budget.take(8).then(() => order.push('much'));
  const little = budget.take(1).then(() => order.push('little'));
  budget.giveBack(4);
  await Promise.all([much, little]);
  assert.deepEqual(order, ['much', 'little']);
});
