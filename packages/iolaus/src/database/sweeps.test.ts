import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portionsSwept, readSpared, saveSpared, whileNobodyBegins } from './sweeps.ts';
import { testDatabase, untilSomebodyWaits } from './testing.ts';

test('who begins to use a cache waits for the portion that is being swept, and learns that there was one', async () => {
  await using server = await testDatabase();
  const { database } = server;
  assert.equal(await portionsSwept(database), 0);
  const order: string[] = [];
  let counting: Promise<unknown> | undefined;
  await whileNobodyBegins(database, async () => {
    counting = portionsSwept(database).then((portions) => order.push(`${portions} swept`));
    await untilSomebodyWaits(database);
    order.push('removed');
  });
  await counting;
  assert.deepEqual(order, ['removed', '1 swept']);
});

test('a portion that broke off counts: something of it is gone', async () => {
  await using server = await testDatabase();
  const { database } = server;
  const killed = async (): Promise<void> => {
    assert.deepEqual(
      await database.query('select portions from iolaus.sweeps'),
      [{ portions: 1 }],
      'before anything is removed',
    );
    throw new Error('killed');
  };
  await assert.rejects(whileNobodyBegins(database, killed), /killed/);
  assert.equal(await portionsSwept(database), 1);
});

test('what is spared is spared for two days after it was last said', async () => {
  await using server = await testDatabase();
  const { database } = server;
  await saveSpared(database, ['one', 'two', 'two', 'three']);
  await database.query(
    `update iolaus.spared set at = at - interval '3 days' where key in ('one', 'two')`,
  );
  await saveSpared(database, ['two', 'four']);
  assert.deepEqual((await readSpared(database)).sort(), ['four', 'three', 'two']);
});
