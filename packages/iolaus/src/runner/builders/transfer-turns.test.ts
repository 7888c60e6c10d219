import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TransferTurns } from './transfer-turns.ts';

test('what a connection moves beyond 64 at once waits for its turn, and another one moves meanwhile', async () => {
  const turns = new TransferTurns();
  const [one, other] = [{ address: 'unix' }, { address: 'unix' }];
  const over = Promise.withResolvers<void>();
  let begun = 0;
  const move = async (): Promise<void> => {
    begun += 1;
    await over.promise;
  };
  const moving = Array.from({ length: 70 }, () => turns.during(one, move));
  await nextTurn();
  assert.equal(begun, 64);
  for await (const piece of turns.stream(other, () => Readable.from(['piece'])))
    assert.equal(piece, 'piece');
  over.resolve();
  await Promise.all(moving);
  assert.equal(begun, 70);
});

test('a turn is given back by who fails, and by who is left', async () => {
  const turns = new TransferTurns();
  const caller = { address: 'unix' };
  const fail = (): Promise<void> => Promise.reject(new Error('it broke'));
  for (let times = 0; times < 100; times += 1)
    await assert.rejects(turns.during(caller, fail), { message: 'it broke' });
  for (let times = 0; times < 100; times += 1)
    for await (const _ of turns.stream(caller, () => Readable.from([1, 2]))) break;
  await turns.during(caller, async () => {});
});
