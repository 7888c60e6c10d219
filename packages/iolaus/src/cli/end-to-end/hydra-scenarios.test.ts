import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

// What Hydra's own tests have its queue runner do, with our programs. Other scenarios of theirs are in
// hydra-programs.test.ts, limits.test.ts, substitutes.test.ts and builder/transfers.test.ts.

type BuildRow = {
  readonly cached: number | null;
  readonly notifies: boolean;
  readonly releaseName: string | null;
};

async function rowOf({ database }: LiveFarm, build: number): Promise<BuildRow | undefined> {
  const [row] = await database.query<BuildRow>(
    `select iscachedbuild as cached, notificationpendingsince is not null as notifies,
       releasename as "releaseName" from builds where id = $1`,
    [build],
  );
  return row;
}

test('a build tells that it started, where the log of its step is, and that it finished, in that order', async () => {
  await using farm = await openLiveFarm();
  const told: string[] = [];
  const listener = await farm.database.listen(
    ['build_started', 'step_finished', 'build_finished'],
    (channel, payload) => void told.push(`${channel}: ${payload}`),
    () => {},
  );
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const { build, derivation } = await farm.queue('told', 'echo said; echo > $out');
  assert.equal(await farm.statusOf(build), 0);
  await until(() => told.length >= 3);
  const log = `${farm.folder}/build-logs/${derivation.slice(0, 2)}/${derivation.slice(2)}`;
  assert.deepEqual(told, [
    `build_started: ${build}`,
    `step_finished: ${build}\t1\t${log}`,
    `build_finished: ${build}`,
  ]);
  assert.equal((await rowOf(farm, build))?.notifies, true);
  await listener.close();
});

test('a fixed output is built, and found there by the next evaluation', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const attributes = (salt: string): string => `{
    outputHashMode = "flat"; outputHashAlgo = "sha256"; salt = "${salt}";
    outputHash = builtins.hashString "sha256" "contents";
  }`;
  const first = await farm.queue('fixed', 'printf contents > $out', attributes('1'));
  assert.equal(await farm.statusOf(first.build), 0);
  assert.equal((await rowOf(farm, first.build))?.cached, 0);
  const second = await farm.queue('fixed', 'printf contents > $out', attributes('2'));
  assert.notEqual(second.derivation, first.derivation);
  assert.equal(await farm.statusOf(second.build), 0);
  assert.deepEqual(await rowOf(farm, second.build), {
    ...{ cached: 1, notifies: true, releaseName: null },
  });
});

test('a feature that a builder offers may be required, and products may have spaces in their names', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint, {
    settings: { supportedFeatures: ['benchmark'] },
  });
  const { build } = await farm.queue(
    'products',
    `mkdir -p $out/nix-support; echo text > "$out/some text.txt"
     echo "doc none \\"$out/some text.txt\\"" > $out/nix-support/hydra-build-products
     echo release-7 > $out/nix-support/hydra-release-name`,
    '{ requiredSystemFeatures = [ "benchmark" ]; }',
  );
  assert.equal(await farm.statusOf(build), 0);
  assert.equal((await rowOf(farm, build))?.releaseName, 'release-7');
  const products = await farm.database.query(
    'select type, subtype, name, filesize::int4 as size from buildproducts where build = $1',
    [build],
  );
  assert.deepEqual(products, [{ type: 'doc', subtype: 'none', name: 'some text.txt', size: 5 }]);
});
