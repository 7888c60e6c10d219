import assert from 'node:assert/strict';
import test from 'node:test';
import type { Database } from '../connection/connection.ts';
import { testDatabase } from '../testing.ts';

const channels = [
  'jobset_shares_changed',
  'jobsets_added',
  'jobsets_deleted',
  'jobset_scheduling_changed',
  'builds_deleted',
  'builds_restarted',
  'builds_cancelled',
  'builds_bumped',
];

const insertJobset = `
  insert into jobsets (project, name, nixexprinput, nixexprpath, emailoverride) values ('p', 'j', 'i', 'f', '')`;
const insertBuild = `
  insert into builds (finished, timestamp, jobset_id, job, drvpath, system)
  select 0, 1, id, 'job', '/nix/store/x.drv', 'x86_64-linux' from jobsets`;
const finish = (status: number): string =>
  `update builds set finished = 1, buildstatus = ${status}, starttime = 1, stoptime = 1`;

/** Every statement in its turn, with the channels on which it is told. */
const story: readonly (readonly [statement: string, told: readonly string[]])[] = [
  [insertJobset, ['jobsets_added']],
  ['update jobsets set schedulingshares = 7', ['jobset_shares_changed']],
  ['update jobsets set schedulingshares = 7', []],
  ['update jobsets set triggertime = 5', ['jobset_scheduling_changed']],
  ['update jobsets set triggertime = null', []],
  ['update jobsets set checkinterval = 5', ['jobset_scheduling_changed']],
  ['update jobsets set enabled = 2', ['jobset_scheduling_changed']],
  ['update jobsets set enabled = 2, lastcheckedtime = 9', []],
  [insertBuild, []],
  ['update builds set globalpriority = 5', ['builds_bumped']],
  ['update builds set globalpriority = 5, priority = 6', []],
  [finish(1), []],
  ['update builds set finished = 0', ['builds_restarted']],
  [finish(4), ['builds_cancelled']],
  [finish(4), []],
  ['delete from builds where id = -1', ['builds_deleted']],
  ['delete from builds', ['builds_deleted']],
  // A jobset takes its builds along, also where it has none.
  ['delete from jobsets', ['jobsets_deleted', 'builds_deleted']],
];

test('each trigger tells on its channel, with nothing in it, when its condition holds and only then', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await addProject(database);
  const heard: string[] = [];
  let rest = Promise.withResolvers<void>();
  await using opened = new AsyncDisposableStack();
  const listener = await database.listen(
    [...channels, 'rest'],
    (channel, payload) => {
      if (channel === 'rest') rest.resolve();
      else heard.push(`${channel}${payload}`);
    },
    () => {},
  );
  opened.defer(() => listener.close());
  for (const [statement, told] of story) {
    await database.query(statement);
    // Notifications come in the order of commits: after this one there is none of the statement's to come.
    await database.query('notify rest');
    await rest.promise;
    rest = Promise.withResolvers();
    assert.deepEqual(heard.splice(0), told, statement);
  }
});

test('finished builds are counted as they finish, restart and go', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await addProject(database);
  await database.query(insertJobset);
  const count = async (): Promise<number | undefined> => {
    const rows = await database.query<{ count: number }>('select count from nrbuilds');
    return rows[0]?.count;
  };
  await database.query(insertBuild);
  await database.query(insertBuild);
  assert.equal(await count(), 0);
  await database.query(finish(0));
  assert.equal(await count(), 2);
  await database.query('update builds set finished = 0 where id = 1');
  assert.equal(await count(), 1);
  await database.query('delete from builds');
  assert.equal(await count(), 0);
});

test('a path that failed twice is kept once', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await database.query(`insert into failedpaths values ('/nix/store/x')`);
  await database.query(`insert into failedpaths values ('/nix/store/x')`);
  assert.equal((await database.query('select path from failedpaths')).length, 1);
});

async function addProject(database: Database): Promise<void> {
  await database.query(
    `insert into users (username, emailaddress, password) values ('u', '', '!')`,
  );
  await database.query(`insert into projects (name, displayname, owner) values ('p', 'p', 'u')`);
}
