import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns } from './turns.ts';

test('no more have a place than there are, and who came first is first', async () => {
  const turns = new Turns(2);
  const order: string[] = [];
  const take = async (name: string) => {
    const turn = await turns.take();
    order.push(name);
    return turn;
  };
  const [first, second] = await Promise.all([take('first'), take('second')]);
  const third = take('third');
  const fourth = take('fourth');
  await nextTurn();
  assert.deepEqual(order, ['first', 'second']);
  second[Symbol.dispose]();
  const thirdTurn = await third;
  assert.deepEqual(order, ['first', 'second', 'third']);
  first[Symbol.dispose]();
  const fourthTurn = await fourth;
  assert.deepEqual(order, ['first', 'second', 'third', 'fourth']);
  thirdTurn[Symbol.dispose]();
  fourthTurn[Symbol.dispose]();
});

test('a place that is given up is there for who comes later', async () => {
  const turns = new Turns(1);
  for (let round = 0; round < 3; round++) {
    using turn = await turns.take();
    assert.ok(turn);
  }
});
