import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareDatabase } from '../../database/schema/prepare.ts';
import { queueBuilds } from '../../database/testing-farm.ts';
import { openOwnDatabase } from '../../testing/farm-database.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';

test('times are widened by a command that says beforehand what it would do, and can take it back', async () => {
  await using folder = await openFarmFolder();
  await using server = await openOwnDatabase(join(folder.path, 'd'), join(folder.path, 'r'));
  await prepareDatabase(server.database);
  await queueBuilds(server.database, ['one', 'two', 'three']);
  const run = async (...flags: readonly string[]): Promise<string> => {
    const words = ['database', 'widen-timestamps', '--db-url', server.url];
    const end = await runIolaus([...words, '--hurry', ...flags]);
    assert.equal(end.status, 0, end.stderr);
    return end.stdout;
  };
  const plan = await run('--dry-run');
  assert.match(plan, /^builds: timestamp, starttime, stoptime, notificationpendingsince/m);
  assert.match(plan, /^builds: .*about 3 rows/m);
  assert.match(await run('--keep-narrow'), /builds: times are wide[^]*in their place/);
  assert.match(await run('--dry-run'), /begun: swapped/);
  assert.match(await run('--undo'), /taken back/);
  assert.equal(await run('--dry-run'), plan);
  assert.match(await run(), /All times have 64 bits/);
  assert.match(await run('--dry-run'), /nothing to do/);
});
