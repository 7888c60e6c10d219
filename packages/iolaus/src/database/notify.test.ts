import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { buildId } from '../farm/identity.ts';
import type { BuildId } from '../farm/identity.ts';
import { buildFinished, notify } from './notify.ts';
import type { Notification } from './notify.ts';
import { testDatabase } from './testing.ts';

const ids = fc.integer({ min: 1, max: 2 ** 31 - 1 }).map(buildId);

test('every dependent of a finished build is told once, in order, in notifications that begin with it', () => {
  fc.assert(
    fc.property(ids, fc.array(ids, { maxLength: 3_000, size: 'max' }), (first, dependents) => {
      const told: BuildId[] = [];
      const notifications = buildFinished([first, ...dependents]);
      for (const { channel, payload } of notifications) {
        const [head, ...rest] = payload.split('\t').map(Number);
        assert.equal(channel, 'build_finished');
        assert.equal(head, first);
        assert.ok(Buffer.byteLength(payload) <= 7_000);
        // One that tells of no dependent is the only one.
        assert.ok(rest.length > 0 || notifications.length === 1);
        told.push(...rest.map(buildId));
      }
      assert.deepEqual(told, dependents);
    }),
    { numRuns: 50 },
  );
});

test('what is told arrives in the order in which it was given, also of 5,000 dependents, when the transaction commits', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await using opened = new AsyncDisposableStack();
  const heard: { channel: string; payload: string }[] = [];
  const last = Promise.withResolvers<void>();
  const listener = await database.listen(
    ['build_started', 'step_started', 'build_finished', 'builds_added'],
    (channel, payload) => {
      heard.push({ channel, payload });
      if (channel === 'builds_added') last.resolve();
    },
    () => {},
  );
  opened.defer(() => listener.close());
  const many = Array.from({ length: 5_000 }, (_, index) => buildId(1_000_000 + index));
  const told: Notification[] = [
    { channel: 'step_started', payload: '7\t1' },
    { channel: 'build_started', payload: '7' },
    { channel: 'step_started', payload: '3\t1' },
    ...buildFinished([buildId(7), ...many]),
    { channel: 'builds_added', payload: '?' },
  ];
  assert.ok(told.length > 5);
  const undone = database.transaction(async (transaction) => {
    await notify(transaction, [{ channel: 'build_started', payload: 'undone' }]);
    throw new Error('undone');
  });
  await assert.rejects(undone, /undone/);
  await database.transaction((transaction) => notify(transaction, told));
  await last.promise;
  assert.deepEqual(heard, told);
});
