import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../testing.ts';
import { busyStep, grantOf, queueBuilds, someTime } from '../testing-farm.ts';
import { finishSteps } from './finish-steps.ts';
import { insertGrants } from './grants.ts';
import { insertBusySteps } from './insert-busy-steps.ts';
import { closeOrphanedSteps, readUngrantedSteps } from './orphaned-steps.ts';

test('of rows that are busy without a grant those that are named are aborted now, siblings and finished ones left alone', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const [build, other] = await queueBuilds(database, ['one', 'other']);
  assert.ok(build !== undefined && other !== undefined);
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [
      ...['done', 'orphaned', 'lived-in', 'granted'].map((name) => busyStep(build, name)),
      busyStep(other, 'of-another-build'),
    ]);
    await finishSteps(transaction, [
      {
        build,
        stepNumber: 1,
        status: 0,
        errorMessage: null,
        stopTime: someTime + 60,
        overheadMilliseconds: null,
        outputs: null,
      },
    ]);
    await insertGrants(transaction, [grantOf(build, 4)]);
  });
  const ungranted = [
    { build, stepNumber: 2 },
    { build, stepNumber: 3 },
    { build: other, stepNumber: 1 },
  ];
  assert.deepEqual(await readUngrantedSteps(database), ungranted);
  const orphans = [
    { build, stepNumber: 1 },
    { build, stepNumber: 2 },
  ];
  const closing = { now: someTime + 500, message: 'nobody works on it' };
  const closed = await database.transaction((transaction) =>
    closeOrphanedSteps(transaction, orphans, closing),
  );
  assert.equal(closed, 1);
  const rows = await database.query(
    'select busy, status, stoptime, errormsg from buildsteps where build = $1 order by stepnr',
    [build],
  );
  const busy = { busy: 30, status: null, stoptime: null, errormsg: null };
  assert.deepEqual(rows, [
    { busy: 0, status: 0, stoptime: someTime + 60, errormsg: null },
    { busy: 0, status: 3, stoptime: someTime + 500, errormsg: 'nobody works on it' },
    busy,
    busy,
  ]);
});
