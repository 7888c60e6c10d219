import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../fault/fault.ts';
import { openDatabase } from './connection.ts';
import type { Database } from './connection.ts';
import { isConnectionLost } from './lost-connection.ts';
import { emptyTestDatabase } from '../testing.ts';
import type { TestDatabase } from '../testing.ts';

async function withTable(): Promise<TestDatabase> {
  const made = await emptyTestDatabase();
  await made.database.query('create table things (name text primary key, count int not null)');
  await made.database.query(`insert into things values ('one', 0), ('two', 0)`);
  return made;
}

const increment = 'update things set count = count + 1 where name = $1';

async function counts(database: Database): Promise<number[]> {
  const rows = await database.query<{ count: number }>('select count from things order by name');
  return rows.map(({ count }) => count);
}

/** Ends every connection of the program's but the one that says so. */
const killOthers = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

test('what a transaction throws undoes it', async () => {
  await using made = await withTable();
  const failing = made.database.transaction(async (transaction) => {
    await transaction.query(increment, ['one']);
    throw new RangeError('no');
  });
  await assert.rejects(failing, RangeError);
  assert.deepEqual(await counts(made.database), [0, 0]);
});

test('a statement that failed and was passed over lets nothing be committed', async () => {
  await using made = await withTable();
  const failing = made.database.transaction(async (transaction) => {
    await transaction.query(increment, ['one']);
    await assert.rejects(transaction.query('select 1 / 0'));
  });
  await assert.rejects(failing, /unnoticed/);
  assert.deepEqual(await counts(made.database), [0, 0]);
});

test('a transaction that loses a deadlock is done again', async () => {
  await using made = await withTable();
  const { database } = made;
  const bothHaveOne = Promise.withResolvers<void>();
  let holding = 0;
  let attempts = 0;
  const crossing = (first: string, second: string): Promise<void> =>
    database.transaction(async (transaction) => {
      attempts += 1;
      await transaction.query(increment, [first]);
      holding += 1;
      if (holding === 2) bothHaveOne.resolve();
      await bothHaveOne.promise;
      await transaction.query(increment, [second]);
    });
  await Promise.all([crossing('one', 'two'), crossing('two', 'one')]);
  assert.deepEqual(await counts(database), [2, 2]);
  assert.equal(attempts, 3);
});

test('a deadlock that comes back at every try ends', async () => {
  await using made = await withTable();
  let attempts = 0;
  const failing = made.database.transaction(async (transaction) => {
    attempts += 1;
    await transaction.query(`do $$ begin raise exception 'again' using errcode = '40P01'; end $$`);
  });
  await assert.rejects(
    failing,
    (error) => error instanceof Fault && error.code === 'database-failed',
  );
  assert.equal(attempts, 10);
});

test('a connection that is killed in the middle of a transaction costs nothing but time', async () => {
  await using made = await withTable();
  const { database } = made;
  let attempts = 0;
  await database.transaction(async (transaction) => {
    attempts += 1;
    await transaction.query(increment, ['one']);
    if (attempts === 1) await database.query(killOthers);
    await transaction.query(increment, ['two']);
  });
  assert.equal(attempts, 2);
  assert.deepEqual(await counts(database), [1, 1]);
});

test('connections that are killed while nobody uses them are replaced', async () => {
  await using made = await withTable();
  const { database } = made;
  await Promise.all(Array.from({ length: 8 }, () => database.query('select pg_sleep(0.01)')));
  await database.query(killOthers);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      database.query<{ index: number }>('select $1::int as index', [index]),
    ),
  );
  assert.deepEqual(
    answers.map(([row]) => row?.index),
    Array.from({ length: 20 }, (_, index) => index),
  );
});

test('who comes when all connections are lent waits for one', async () => {
  await using made = await emptyTestDatabase();
  const narrow = await openDatabase({
    url: made.url,
    maxConnections: 1,
    applicationName: 'narrow',
  });
  try {
    const sums = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        narrow.transaction(async (transaction) => {
          const [row] = await transaction.query<{ twice: number }>('select 2 * $1::int as twice', [
            index,
          ]);
          return row?.twice;
        }),
      ),
    );
    assert.equal(sums[49], 98);
  } finally {
    await narrow.close();
  }
});

test('numbers of 64 bits come as numbers, and those that do not fit are refused', async () => {
  await using made = await emptyTestDatabase();
  const { database } = made;
  assert.deepEqual(await database.query('select 9007199254740991::int8 as size'), [
    { size: Number.MAX_SAFE_INTEGER },
  ]);
  await assert.rejects(database.query('select 9007199254740993::int8 as size'), RangeError);
  // The connection is as good as before.
  assert.deepEqual(await database.query('select 1 as one'), [{ one: 1 }]);
});

test('a NUL in a text is left out, which PostgreSQL could not store', async () => {
  await using made = await emptyTestDatabase();
  const rows = await made.database.query('select $1::text as one, $2::text[] as many', [
    'a\0b',
    ['\0', null, 'c\0'],
  ]);
  assert.deepEqual(rows, [{ one: 'ab', many: ['', null, 'c'] }]);
});

test('a statement that the database refuses is a fault with the cause in it', async () => {
  await using made = await emptyTestDatabase();
  await assert.rejects(made.database.query('select nonsense'), (error) => {
    assert.ok(error instanceof Fault && error.cause instanceof Error);
    assert.equal(error.code, 'database-failed');
    assert.match(error.cause.message, /nonsense/);
    return true;
  });
});

test('a full disk is called so', async () => {
  await using made = await emptyTestDatabase();
  const failing = made.database.query(
    `do $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$`,
  );
  await assert.rejects(failing, (error) => error instanceof Fault && error.code === 'disk-full');
});

test('an address where nobody answers is told at once, without the password', async () => {
  const opening = openDatabase({
    url: 'postgres://hydra:secret@127.0.0.1:1/hydra?password=secret',
    maxConnections: 1,
    applicationName: 'test',
  });
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof Fault);
    assert.equal(error.code, 'database-unreachable');
    assert.match(error.message, /hydra:\*\*\*@127\.0\.0\.1:1\/hydra/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('a database that does not exist is an address that is wrong', async () => {
  await using made = await emptyTestDatabase();
  const opening = openDatabase({
    url: `${made.url}_not`,
    maxConnections: 1,
    applicationName: 'test',
  });
  await assert.rejects(
    opening,
    (error) => error instanceof Fault && error.code === 'database-unreachable',
  );
});

test('what is no address of PostgreSQL is misuse', async () => {
  const opening = openDatabase({
    url: 'dbi:Pg:dbname=hydra',
    maxConnections: 1,
    applicationName: 'test',
  });
  await assert.rejects(opening, (error) => error instanceof Fault && error.code === 'bad-usage');
});

test('an error of the program is no lost connection', () => {
  assert.equal(isConnectionLost(new TypeError('x is not a function')), false);
  assert.equal(isConnectionLost(Object.assign(new Error('bad'), { code: 'ERR_INVALID' })), false);
  assert.equal(isConnectionLost(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })), true);
});
