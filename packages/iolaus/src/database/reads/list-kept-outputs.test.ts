import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../connection/connection.ts';
import { prepareOwnSchema } from '../schema/own-schema.ts';
import { testDatabase } from '../testing.ts';
import { addJobset, evaluationOf, jobNamed, outputOf, someTime } from '../testing-farm.ts';
import { recordEvaluation } from '../evaluations/record-evaluation.ts';
import { insertUploads } from '../uploads.ts';
import { listKeptOutputs } from './list-kept-outputs.ts';
import { listWorkInHand } from './list-work-in-hand.ts';

const keptBy = async (database: Database): Promise<string[]> =>
  (await listKeptOutputs(database, someTime)).map((name) => name.slice(33)).sort();

/** An evaluation of one job in several versions, each finished before the next. */
async function addVersion(database: Database, version: string, status = 0): Promise<void> {
  const jobset = await addJobset(database);
  const job = { ...jobNamed(version), job: 'package' };
  await database.transaction((transaction) =>
    recordEvaluation(transaction, evaluationOf(jobset, [job])),
  );
  await database.query(
    'update builds set finished = 1, buildstatus = $1, starttime = $2, stoptime = $2 where finished = 0',
    [status, someTime],
  );
}

test('it is known also after the times of 32 bits what is kept, and what is in hand', async () => {
  await using server = await testDatabase();
  const { database } = server;
  await prepareOwnSchema(database);
  await addVersion(database, 'one');
  await database.query('update builds set finished = 0');
  const later = 2 ** 32;
  assert.equal((await listKeptOutputs(database, later)).length, 1);
  assert.equal((await listWorkInHand(database, later)).length, 1);
});

test("what Hydra's rules keep is listed, and nothing that they do not", async () => {
  await using server = await testDatabase();
  const { database } = server;
  await prepareOwnSchema(database);
  for (const version of ['one', 'two', 'three', 'four']) await addVersion(database, version);
  await database.query('update jobsets set keepnr = 2');
  assert.deepEqual(await keptBy(database), ['four', 'three']);
  await database.query(`update builds set keep = 1 where drvpath like '%one.drv'`);
  assert.deepEqual(await keptBy(database), ['four', 'one', 'three']);
  await database.query(`update builds set keep = 0`);
  for (const version of ['five', 'six']) await addVersion(database, version, 1);
  assert.deepEqual(await keptBy(database), ['five', 'four', 'six'], 'and the newest success');
  await database.query(`update builds set finished = 0 where drvpath like '%two.drv'`);
  assert.ok((await keptBy(database)).includes('two'), 'unfinished');
});

test('a jobset that was hidden and disabled keeps nothing after a week, but for what is still to be published', async () => {
  await using server = await testDatabase();
  const { database } = server;
  await prepareOwnSchema(database);
  await addVersion(database, 'one');
  await database.query('update jobsets set enabled = 0, hidden = 1, lastcheckedtime = $1', [
    someTime - 86_400,
  ]);
  assert.deepEqual(await keptBy(database), ['one']);
  await database.query('update jobsets set lastcheckedtime = $1', [someTime - 8 * 86_400]);
  assert.deepEqual(await keptBy(database), []);
  const outputs = [outputOf('late').slice('/nix/store/'.length)];
  await database.transaction((transaction) =>
    insertUploads(transaction, ['there'], [{ derivation: 'late.drv', outputs }]),
  );
  assert.deepEqual(await keptBy(database), ['late']);
});
