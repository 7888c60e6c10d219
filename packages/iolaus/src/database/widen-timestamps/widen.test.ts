import assert from 'node:assert/strict';
import test from 'node:test';
import { openDatabase } from '../connection/connection.ts';
import type { Database } from '../connection/connection.ts';
import { prepareDatabase } from '../schema/prepare.ts';
import { readQueuedBuilds } from '../builds/read-queued-builds.ts';
import { listSchema } from '../schema/testing/list-schema.ts';
import { finish, finishedBuild, queueBuild, queueBuilds } from '../testing-farm.ts';
import { testDatabase, untilSomebodyWaits } from '../testing.ts';
import { readTables } from './table-state.ts';
import { timeColumns } from './time-columns.ts';
import { narrowTimestamps, widenTimestamps } from './widen.ts';
import type { WidenOptions } from './widen.ts';

const late = 4_000_000_000;

const options = (database: Database, more: Partial<WidenOptions> = {}): WidenOptions => ({
  database,
  restFactor: 0,
  finishes: true,
  onProgress: () => {},
  ...more,
});

const stages = async (database: Database): Promise<string[]> => [
  ...new Set((await readTables(database)).map(({ stage }) => stage)),
];

/** What the schema has to be in the end: the same, but for the width of times. */
function widened(listing: string): string {
  const tables = listing.split('\n\n').map((text) => {
    const [table = '', ...items] = text.split('\n  ');
    const columns = timeColumns[table] ?? [];
    const wide = items.map((item) => {
      const [name = ''] = item.split(' ');
      return columns.includes(name) ? item.replace(' integer', ' bigint') : item;
    });
    return [table, ...wide].join('\n  ');
  });
  return tables.join('\n\n');
}

async function addTimes(database: Database): Promise<void> {
  const [first, second] = await queueBuilds(database, ['first', 'second', 'third']);
  await database.query(
    `update builds set finished = 1, buildstatus = 0, starttime = 1000, stoptime = 2000 where id = $1`,
    [first ?? null],
  );
  await database.query(
    `insert into buildsteps (build, stepnr, type, drvpath, busy, starttime, stoptime)
     values ($1, 1, 0, 'x', 0, 1000, null)`,
    [second ?? null],
  );
  await database.query('update jobsets set triggertime = 77');
}

/** All times of a table, oldest row first. */
const timesOf = (database: Database, table: string): Promise<object[]> =>
  database.query(`select ${(timeColumns[table] ?? []).join(', ')} from ${table} order by 1, 2, 3`);

test('all times are wide in the end, and nothing else has changed', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await addTimes(database);
  const before = await listSchema(database);
  const builds = await timesOf(database, 'builds');
  const { longestLockMilliseconds } = await widenTimestamps(options(database));
  assert.ok(longestLockMilliseconds > 0);
  assert.deepEqual(await stages(database), ['wide']);
  assert.deepEqual(await timesOf(database, 'builds'), builds);
  assert.deepEqual((await listSchema(database)).split('\n'), widened(before).split('\n'));
  assert.equal(await prepareDatabase(database), 'present');
  const build = await queueBuild(database, 'later');
  await database.query('update builds set timestamp = $1::bigint where id = $2', [late, build]);
  const [read] = await readQueuedBuilds(database, [build]);
  assert.equal(read?.timestamp, late);
});

test('what others write meanwhile is there in the end, and they hear what they heard before', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const heard: string[] = [];
  await using listening = new AsyncDisposableStack();
  listening.adopt(
    await database.listen(
      ['jobset_scheduling_changed'],
      (channel) => heard.push(channel),
      () => {},
    ),
    (listener) => listener.close(),
  );
  await addTimes(database);
  const writing: Promise<unknown>[] = [];
  const onProgress = (): void => {
    writing.push(
      queueBuilds(database, [`build-${writing.length}`]),
      database.query('update jobsets set triggertime = coalesce(triggertime, 0) + 1'),
      database.query(`update buildsteps set stoptime = coalesce(stoptime, 0) + 1`),
    );
  };
  await widenTimestamps(options(database, { onProgress }));
  await Promise.all(writing);
  const [{ builds } = { builds: 0 }] = await database.query<{ builds: number }>(
    'select count(*) as builds from builds where timestamp is not null',
  );
  assert.equal(builds, 3 + writing.length / 3);
  const [{ stop } = { stop: 0 }] = await database.query<{ stop: number }>(
    'select stoptime as stop from buildsteps',
  );
  assert.equal(stop, writing.length / 3);
  assert.ok(heard.length > 0);
});

test('whoever goes on after a kill at any moment comes to the same end', async () => {
  class Killed extends Error {}
  await using made = await testDatabase();
  const { database } = made;
  await addTimes(database);
  const before = await listSchema(database);
  for (let survived = 0; ; survived += 1) {
    let left = survived;
    const onProgress = (): void => {
      left -= 1;
      if (left < 0) throw new Killed();
    };
    try {
      await widenTimestamps(options(database, { onProgress }));
      break;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    assert.equal(await prepareDatabase(database), 'present', `after ${survived}`);
    await queueBuild(database, `after-${survived}`);
  }
  assert.deepEqual(await stages(database), ['wide']);
  assert.deepEqual((await listSchema(database)).split('\n'), widened(before).split('\n'));
});

test('an index that was broken off is made anew', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await addTimes(database);
  await assert.rejects(
    widenTimestamps(
      options(database, {
        onProgress: ({ type, table }) => {
          if (type === 'indexing' && table === 'builds') throw new Error('killed');
        },
      }),
    ),
  );
  const name = 'indexbuildsonfinishedstoptime_wide';
  await database.query(`create index ${name} on builds (finished)`);
  await database.query(
    `update pg_index set indisvalid = false where indexrelid = '${name}'::regclass`,
  );
  await widenTimestamps(options(database));
  const [index] = await database.query<{ definition: string }>(
    `select pg_get_indexdef('indexbuildsonfinishedstoptime'::regclass) as definition`,
  );
  assert.match(index?.definition ?? '', /\(finished, stoptime DESC\)/);
});

test('until the last step all can be taken back, also when the wide columns are in their place', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await addTimes(database);
  const before = await listSchema(database);
  const builds = await timesOf(database, 'builds');
  await widenTimestamps(options(database, { finishes: false }));
  assert.deepEqual(await stages(database), ['swapped']);
  assert.equal(await prepareDatabase(database), 'present');
  const build = await queueBuild(database, 'meanwhile');
  await database.query('delete from builds where id = $1', [build]);
  await narrowTimestamps(options(database));
  assert.deepEqual((await listSchema(database)).split('\n'), before.split('\n'));
  assert.deepEqual(await timesOf(database, 'builds'), builds);
  assert.deepEqual(await stages(database), ['narrow']);

  await widenTimestamps(options(database, { finishes: false }));
  await database.query('update buildsteps set stoptime = $1::bigint', [late]);
  await assert.rejects(narrowTimestamps(options(database)), /do not fit into 32 bits/);
  await widenTimestamps(options(database));
  assert.deepEqual(await stages(database), ['wide']);
});

test('nobody is held up by one who waits for a long transaction', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await using other = await openOther(made.url);
  let widening: Promise<unknown> = Promise.resolve();
  await database.transaction(async (transaction) => {
    await transaction.query('update builds set priority = 7 where id = $1', [build]);
    widening = widenTimestamps(options(other.database));
    await untilSomebodyWaits(database);
    // Behind one who waits for the whole table everybody else would wait, too.
    await database.query('update builds set priority = 8 where id <> $1', [build]);
  });
  await widening;
  assert.deepEqual(await stages(database), ['wide']);
});

test('statements that a program has prepared before go on when the times have become wide', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await using other = await openOther(made.url);
  await readQueuedBuilds(other.database, [build]);
  await widenTimestamps(options(database));
  assert.equal((await readQueuedBuilds(other.database, [build])).length, 1);
  await finish(other.database, [finishedBuild(build, { startTime: late, stopTime: late + 1 })]);
  const [row] = await database.query<{ stop: number }>('select stoptime as stop from builds');
  assert.equal(row?.stop, late + 1);
});

async function openOther(url: string): Promise<AsyncDisposable & { readonly database: Database }> {
  const database = await openDatabase({ url, maxConnections: 1, applicationName: 'other' });
  return { database, [Symbol.asyncDispose]: () => database.close() };
}
