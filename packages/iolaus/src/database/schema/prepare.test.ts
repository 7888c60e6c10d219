import assert from 'node:assert/strict';
import test from 'node:test';
import { describeError, Fault } from '../../fault/fault.ts';
import { openDatabase } from '../connection/connection.ts';
import type { Database } from '../connection/connection.ts';
import { ensureJobset } from '../evaluations/ensure-jobset.ts';
import { prepareDatabase } from './prepare.ts';
import { olderShapes } from './testing/older-shapes.ts';
import { readUnfinishedBuilds } from '../builds/read-unfinished-builds.ts';
import { queueBuild } from '../testing-farm.ts';
import { emptyTestDatabase, testDatabase } from '../testing.ts';

async function refusalAfter(...statements: readonly string[]): Promise<Fault> {
  await using made = await testDatabase();
  return await refusal(made.database, statements);
}

async function refusal(database: Database, statements: readonly string[]): Promise<Fault> {
  for (const statement of statements) await database.query(statement);
  const fault: unknown = await prepareDatabase(database).catch((error: unknown) => error);
  assert.ok(fault instanceof Fault, `the database was taken for one of Hydra: ${String(fault)}`);
  assert.equal(fault.code, 'foreign-database');
  assert.notEqual(fault.remedy, undefined);
  return fault;
}

test('an empty database gets the schema, and keeps it', async () => {
  await using made = await emptyTestDatabase();
  assert.equal(await prepareDatabase(made.database), 'created');
  assert.deepEqual(await made.database.query('select version from schemaversion'), [
    { version: 87 },
  ]);
  await made.database.transaction((transaction) =>
    ensureJobset(transaction, { project: 'kept', jobset: 'kept', description: '' }),
  );
  assert.equal(await prepareDatabase(made.database), 'present');
  assert.deepEqual(await made.database.query('select name from projects'), [{ name: 'kept' }]);
});

test('two programs that start at once make the schema once', async () => {
  await using made = await emptyTestDatabase();
  const { database } = made;
  const results = await Promise.all([1, 2, 3].map(() => prepareDatabase(database)));
  assert.deepEqual(results.toSorted(), ['created', 'present', 'present']);
});

test('a schema that cannot be made whole is not made at all', async () => {
  await using made = await emptyTestDatabase();
  // A function is in the way of one of the last statements.
  await made.database.query(
    `create function notifyBuildBumped() returns trigger as 'begin return null; end;' language plpgsql`,
  );
  await assert.rejects(prepareDatabase(made.database), (error) =>
    describeError(error).includes('notifybuildbumped'),
  );
  assert.deepEqual(
    await made.database.query(`select relname from pg_class where relname = 'builds'`),
    [],
  );
});

test('tables of somebody else are named and left alone', async () => {
  await using made = await emptyTestDatabase();
  const { message } = await refusal(made.database, [
    'create table invoices (id int)',
    'create table customers (id int)',
  ]);
  assert.match(message, /customers, invoices/);
});

test('a version table with no row or with two is refused', async () => {
  assert.match((await refusalAfter('delete from schemaversion')).message, /0 rows/);
  assert.match((await refusalAfter('insert into schemaversion values (87)')).message, /2 rows/);
});

test("an old version is known by its columns, and sent to Hydra's own upgrade", async () => {
  // Up to 79 builds had the names of their project and jobset.
  const fault = await refusalAfter(
    `alter table builds add column project text not null default ''`,
    'alter table builds alter column project drop default',
  );
  assert.match(fault.message, /builds\.project/);
  assert.match(fault.remedy ?? '', /hydra-init/);
});

test('a missing column is named', async () => {
  const fault = await refusalAfter('alter table builds drop column releasename');
  assert.match(fault.message, /builds\.releasename/);
});

test('a column that demands a value of a kind that we do not know is named', async () => {
  const fault = await refusalAfter('alter table buildsteps add column storedir text not null');
  assert.match(fault.message, /buildsteps\.storedir/);
});

test('triggers that a dump was restored without are named', async () => {
  const fault = await refusalAfter(
    'drop trigger buildbumped on builds',
    'alter table builds disable trigger buildcancelled',
  );
  assert.match(fault.message, /buildcancelled, buildbumped/);
});

/** What has been proposed above Hydra's newest version that we make. */
const newerShapes: readonly (readonly [name: string, statement: string])[] = [
  ['the build of an evaluation', 'alter table jobsetevals add column eval_build integer'],
  ['store directories', 'alter table builds add column storedir text'],
  ['tables of derivations', 'create table derivations (id int not null)'],
];

const widen = [
  'alter table builds alter column timestamp type bigint, alter column starttime type bigint, ' +
    'alter column stoptime type bigint, alter column notificationpendingsince type bigint',
  'alter table buildsteps alter column starttime type bigint, alter column stoptime type bigint',
  'alter table jobsetevals alter column timestamp type bigint',
];

/** Queues a build as an evaluator does, and reads it as the runner does: with that shape both must work. */
async function assertUsable(database: Database, name: string): Promise<void> {
  assert.equal(await prepareDatabase(database), 'present', name);
  const build = await queueBuild(database, name.replaceAll(' ', '-'));
  const [read] = await readUnfinishedBuilds(database, { ids: [build] });
  assert.equal(read?.id, build, name);
}

for (const bits of [32, 64]) {
  test(`every shape from version 80 on will do, whatever its number, with times of ${bits} bits`, async () => {
    await using made = await testDatabase();
    const { database } = made;
    for (const statement of bits === 64 ? widen : []) await database.query(statement);
    await assertUsable(database, '87');
    for (const [name, statements] of olderShapes) {
      await database.query(`update schemaversion set version = ${name}`);
      for (const statement of statements) await database.query(statement);
      await assertUsable(database, name);
    }
    for (const number of [88, 89, 90, 4711]) {
      await database.query(`update schemaversion set version = ${number}`);
      await assertUsable(database, `numbered ${number}`);
    }
    for (const [name, statement] of newerShapes) {
      await database.query(statement);
      await assertUsable(database, name);
    }
  });
}

test('a sequence that was left behind by a dump is named, with what mends it', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const fault = await refusal(database, [
    `insert into users (username, emailaddress, password) values ('a', '', '!')`,
    `insert into projects (name, displayname, owner) values ('p', 'p', 'a')`,
    `insert into jobsets (id, project, name, nixexprinput, nixexprpath, emailoverride)
     values (7, 'p', 'j', 'a', 'b', '')`,
  ]);
  assert.match(fault.message, /jobsets has rows with higher ids/);
  await database.query(String(fault.remedy).replace('Run: ', ''));
  assert.equal(await prepareDatabase(database), 'present');
});

test('who may not make the extension for searching gets the schema without it', async () => {
  await using made = await emptyTestDatabase();
  const { database } = made;
  await database.query('drop role if exists plain');
  await database.query('create role plain login');
  await database.query('grant create on schema public to plain');
  const plain = await openDatabase({
    url: made.url.replace('//iolaus@', '//plain@'),
    maxConnections: 1,
    applicationName: 'test',
  });
  try {
    assert.equal(await prepareDatabase(plain), 'created');
    assert.equal(await prepareDatabase(plain), 'present');
    assert.deepEqual(
      await database.query('select extname from pg_extension where extname = $1', ['pg_trgm']),
      [],
    );
  } finally {
    await plain.close();
  }
});

test('who may make no tables is told so', async () => {
  await using made = await emptyTestDatabase();
  const { database } = made;
  await database.query('drop role if exists guest');
  await database.query('create role guest login');
  const guest = await openDatabase({
    url: made.url.replace('//iolaus@', '//guest@'),
    maxConnections: 1,
    applicationName: 'test',
  });
  try {
    await assert.rejects(prepareDatabase(guest), (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.code, 'database-failed');
      assert.match(error.remedy ?? '', /owner of the database/);
      return true;
    });
  } finally {
    await guest.close();
  }
});
