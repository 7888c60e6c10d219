import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLiveFarm } from '../../testing/live-farm.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';

test('a builder that nobody needs ends by itself when its last build has ended, and then the hook runs', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  const said = join(farm.folder, 'said');
  await using builder = startIolaus(
    [
      'builder',
      '--gateway-endpoint',
      runner.endpoint,
      '--exit-when-idle',
      '1s',
      '--exit-hook',
      `echo over > ${said}`,
    ],
    { environment: farm.daemon.environment },
  );
  await builder.told(/building for/);
  const { build } = await farm.queue('longer', 'sleep 1.5; echo > $out');
  assert.equal(await farm.statusOf(build), 0);
  assert.equal((await builder.ended).status, 0);
  assert.equal(await readFile(said, 'utf8'), 'over\n');
});

test('one that is told to stop runs no hook, and a time that is none is refused', async () => {
  await using farm = await openLiveFarm();
  const said = join(farm.folder, 'said');
  const words = ['builder', '--gateway-endpoint', `unix://${farm.folder}/none`];
  const environment = { ...farm.daemon.environment };
  await using builder = startIolaus(
    [...words, '--exit-when-idle', '1h', '--exit-hook', `echo over > ${said}`],
    { environment },
  );
  await builder.told(/building for/);
  builder.signal('SIGTERM');
  assert.equal((await builder.ended).status, 0);
  await assert.rejects(access(said));
  await using refused = startIolaus([...words, '--exit-when-idle', 'soon'], { environment });
  const { status, stderr } = await refused.ended;
  assert.equal(status, 2);
  assert.match(stderr, /--exit-when-idle is 'soon', which is not a time/);
});
