import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advisoryLocks } from '../../database/advisory-locks.ts';
import { testDatabase, untilSomebodyWaits } from '../../database/testing.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import { processesLeft } from '../../testing/process-list.ts';

const stopMillisecondsMax = 10_000;

test('an interrupt ends a farm whose runner cannot start', async () => {
  await using made = await testDatabase();
  await using folder = await openFarmFolder();
  await made.database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [advisoryLocks.ownSchema]);
    await using farm = startIolaus([
      'up',
      '--state-dir',
      folder.state,
      '--port',
      '0',
      '--db-url',
      made.url,
    ]);
    await untilSomebodyWaits(made.database);
    farm.signal('SIGINT');
    const end = await farm.ended;
    assert.equal(end.status, 0, end.stderr);
    assert.match(end.stderr, /^Stopping$/m);
    assert.deepEqual(await processesLeft(folder.path, stopMillisecondsMax), []);
  });
});
