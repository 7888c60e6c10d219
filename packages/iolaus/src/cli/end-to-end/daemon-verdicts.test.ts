import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openLiveFarm } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

const notDeterministic = 12;

const statusesOf = async (farm: LiveFarm, build: number): Promise<(number | null)[]> =>
  (await farm.steps(build)).map(({ status }) => status);

test('a source that could not be fetched is tried again: it is there then, or has failed after the last try', async () => {
  await using farm = await openLiveFarm();
  const online = join(farm.folder, 'online');
  const attributes = `{
    outputHashMode = "flat"; outputHashAlgo = "sha256";
    outputHash = builtins.hashString "sha256" "contents";
  }`;
  const fetch = `[ -e ${online} ] && printf contents > $out || { echo > ${online}; exit 1; }`;
  const found = await farm.queue('found', fetch, attributes);
  const gone = await farm.queue('gone', 'exit 1', attributes);
  await using runner = await farm.startRunner({ maxRetries: 2, retryInterval: 1, retryBackoff: 1 });
  await using _builder = await farm.startBuilder(runner.endpoint);
  assert.equal(await farm.statusOf(found.build), 0);
  assert.equal(await farm.statusOf(gone.build), 1);
  assert.deepEqual(await statusesOf(farm, found.build), [3, 0]);
  assert.deepEqual(await statusesOf(farm, gone.build), [3, 1]);
});

test('what comes out otherwise when the daemon repeats it is not deterministic', async () => {
  await using farm = await openLiveFarm({ daemonSettings: { repeat: '1' } });
  const { environment: env } = farm.daemon;
  const { stdout: settings } = await promisify(execFile)('nix', ['show-config'], { env });
  const chance = await farm.queue('chance', 'cat /proc/sys/kernel/random/uuid > $out');
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  // Later versions of Nix repeat no builds.
  const expected = /^repeat = /m.test(settings) ? notDeterministic : 0;
  assert.equal(await farm.statusOf(chance.build), expected);
  assert.deepEqual(await statusesOf(farm, chance.build), [expected]);
});
