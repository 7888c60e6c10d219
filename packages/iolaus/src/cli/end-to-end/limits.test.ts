import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLiveFarm } from '../../testing/live-farm.ts';

test('every limit is kept from one end to the other: silence, time, log and output', async () => {
  await using farm = await openLiveFarm();
  const lines = 'i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done';
  const builds = {
    silent: await farm.queue('silent', 'echo said; exec sleep 60'),
    slow: await farm.queue('slow', 'while true; do echo on; sleep 1; done'),
    wordy: await farm.queue('wordy', `${lines}; echo > $out`),
    endless: await farm.queue('endless', 'head -c 200000 /dev/zero | tr "\\0" x; echo > $out'),
    large: await farm.queue('large', 'echo said; head -c 100000 /dev/zero > $out'),
    patient: await farm.queue('patient', 'echo said; sleep 5; echo > $out'),
    // Less patient than the default, which would let it pass.
    hasty: await farm.queue('hasty', 'echo said; sleep 2; echo > $out'),
    modest: await farm.queue('modest', 'echo said; head -c 1000 /dev/zero > $out'),
  };
  await farm.database.query('update builds set maxsilent = 30 where id = $1', [
    builds.patient.build,
  ]);
  await farm.database.query('update builds set maxsilent = 1 where id = $1', [builds.hasty.build]);
  await using runner = await farm.startRunner({
    maxSilentTime: 3,
    buildTimeout: 6,
    maxLogSize: 10_000,
    maxOutputSize: 50_000,
  });
  await using _builder = await farm.startBuilder(runner.endpoint, { settings: { maxJobs: 8 } });
  const ends = Object.entries(builds).map(
    async ([name, { build }]) => [name, await farm.statusOf(build)] as const,
  );
  // Hydra's numbers: 7 timed out, 10 log limit exceeded, 11 output limit exceeded.
  assert.deepEqual(Object.fromEntries(await Promise.all(ends)), {
    silent: 7,
    slow: 7,
    wordy: 10,
    endless: 10,
    large: 11,
    patient: 0,
    hasty: 7,
    modest: 0,
  });
  assert.equal(await farm.logOf(builds.silent), 'said\n');
  assert.match(await farm.logOf(builds.endless), /^\(the log was cut here: .* has no end\)\n$/);
  const wordy = await farm.logOf(builds.wordy);
  assert.match(wordy, /^line 0\nline 1\n/);
  assert.match(wordy.slice(10_000), /^\n\(the log was cut here: it may have 10000 bytes\)\n$/);
});
