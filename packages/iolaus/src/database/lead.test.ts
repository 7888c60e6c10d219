import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advisoryLocks } from './advisory-locks.ts';
import { prepareEventLog } from './events/event-triggers.ts';
import { fencedDatabase, takeLead } from './lead.ts';
import type { Lead } from './lead.ts';
import { prepareOwnSchema } from './schema/own-schema.ts';
import { prepareDatabase } from './schema/prepare.ts';
import { testDatabase } from './testing.ts';

const isFault = (code: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === code;

function lead(url: string, patienceMilliseconds = Infinity, onStandby = () => {}): Promise<Lead> {
  return takeLead({ url, applicationName: 'test' }, { patienceMilliseconds, onStandby });
}

test('one leads, the other stands by and follows', async () => {
  await using made = await testDatabase();
  const first = await lead(made.url);
  const standsBy = Promise.withResolvers<void>();
  const second = lead(made.url, Infinity, standsBy.resolve);
  await standsBy.promise;
  await first[Symbol.asyncDispose]();
  await using next = await second;
  assert.equal(next.term, first.term + 1);
});

test(
  'the schema and the log of events can be made while somebody leads',
  { timeout: 20_000 },
  async () => {
    await using made = await testDatabase();
    await using _leading = await lead(made.url);
    await prepareDatabase(made.database);
    await prepareOwnSchema(made.database);
    assert.equal(await prepareEventLog(made.database), true);
  },
);

test('who does not want to stand by is told that somebody leads', async () => {
  await using made = await testDatabase();
  await using _first = await lead(made.url);
  await assert.rejects(lead(made.url, 0), isFault('already-led'));
});

test('what a former leader writes is undone', async () => {
  await using made = await testDatabase();
  const former = await lead(made.url);
  const fenced = fencedDatabase(made.database, former);
  const insert = `insert into failedpaths values ('x')`;
  await fenced.transaction((transaction) => transaction.query(insert));
  await former[Symbol.asyncDispose]();
  await using _next = await lead(made.url);
  const late = fenced.transaction((transaction) => transaction.query(insert));
  await assert.rejects(late, isFault('lead-lost'));
});

test('a leader that was lost in the middle of a transaction holds nobody up', async () => {
  await using made = await testDatabase();
  const former = await lead(made.url);
  let succession: Promise<Lead> | undefined;
  const stuck = fencedDatabase(made.database, former).transaction(async (transaction) => {
    await transaction.query('select 1');
    await former[Symbol.asyncDispose]();
    await (succession ??= lead(made.url));
  });
  await assert.rejects(stuck, isFault('lead-lost'));
  await using _next = await succession;
});

test('a leader whose connection dies goes on, if nobody has taken over', async () => {
  await using made = await testDatabase();
  await using held = await lead(made.url);
  await cutLocks(made);
  // Somebody who tries now finds the lock free only for as long as the leader has not come back for it.
  await untilLocked(made);
  const fenced = fencedDatabase(made.database, held);
  assert.deepEqual(
    await fenced.transaction((transaction) => transaction.query('select 1 as one')),
    [{ one: 1 }],
  );
});

test('a leader whose connection dies learns that another one has the lock by now, and leads', async () => {
  await using made = await testDatabase();
  await using former = await lead(made.url);
  await made.database.transaction(async (next) => {
    await next.query(`select pg_terminate_backend(pid) from (${lockHolders}) as holders`);
    await next.query('select pg_advisory_xact_lock($1::bigint)', [advisoryLocks.lead]);
    await made.database.query('update iolaus.leadership set term = term + 1');
    await assert.rejects(former.lost, isFault('lead-lost'));
  });
});

test('a leader that was overtaken learns of it', async () => {
  await using made = await testDatabase();
  await using former = await lead(made.url);
  await made.database.query('update iolaus.leadership set term = term + 1');
  await assert.rejects(former.lost, isFault('lead-lost'));
});

type Made = Awaited<ReturnType<typeof testDatabase>>;

const lockHolders = `
  select pid from pg_locks where locktype = 'advisory' and granted and pid <> pg_backend_pid()`;

async function cutLocks({ database }: Made): Promise<void> {
  await database.query(`select pg_terminate_backend(pid) from (${lockHolders}) as holders`);
  while ((await database.query(lockHolders)).length > 0);
}

async function untilLocked({ database }: Made): Promise<void> {
  while ((await database.query(lockHolders)).length === 0);
}
