import assert from 'node:assert/strict';
import { test } from 'node:test';
import { together } from './together.ts';

test('what each part found is told in order', async () => {
  const late = new Promise<string>((resolve) => setImmediate(() => resolve('late')));
  assert.deepEqual(await together([late, Promise.resolve(2)]), ['late', 2]);
});

test('the failure that came first is thrown, when all parts have ended', async () => {
  let isOver = false;
  const slow = new Promise<never>((_resolve, reject) =>
    setImmediate(() => {
      isOver = true;
      reject(new Error('in its wake'));
    }),
  );
  await assert.rejects(together([slow, Promise.reject(new Error('the cause'))]), /the cause/);
  assert.ok(isOver);
});
