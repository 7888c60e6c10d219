import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { emptyTestDatabase } from '../testing.ts';
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

test('the statements of a transaction that go together are written at once, behind its beginning', async (t) => {
  await using made = await emptyTestDatabase();
  await made.database.query('select 1');
  assert.ok(writesMany(Socket.prototype));
  const writes = [
    t.mock.method(Socket.prototype, '_write'),
    t.mock.method(Socket.prototype, '_writev'),
  ];
  await made.database.transaction((transaction) =>
    together([1, 2, 3].map((number) => transaction.query(`select ${number}`))),
  );
  const count = writes.reduce((sum, { mock }) => sum + mock.callCount(), 0);
  assert.equal(count, 2, 'one more to commit');
});

type WritesMany = Socket & { _writev: NonNullable<Socket['_writev']> };

const writesMany = (socket: Socket): socket is WritesMany => socket._writev !== undefined;
