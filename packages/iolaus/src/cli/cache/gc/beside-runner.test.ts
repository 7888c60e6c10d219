import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parseCacheAddress } from '../../../cache/address/parse-address.ts';
import { openBinaryCache } from '../../../cache/binary-cache.ts';
import { openS3rver } from '../../../cache/testing/test-s3.ts';
import { verifyCache } from '../../../cache/testing/verify-cache.ts';
import { findGarbage } from '../../../cache/upkeep/find-garbage.ts';
import { sweepGarbage } from '../../../cache/upkeep/sweep-garbage.ts';
import { whileNobodyBegins } from '../../../database/sweeps.ts';
import { openLiveFarm, until } from '../../../testing/live-farm.ts';
import type { LiveFarm } from '../../../testing/live-farm.ts';
import { WorkNeeds } from './work-needs.ts';

/** A farm whose builder uploads itself, and whose runner has just seen in the cache what nobody needs any more, and only the cache has. */
async function openScene() {
  await using opening = new AsyncDisposableStack();
  const s3 = opening.use(await openS3rver());
  Object.assign(process.env, s3.environment);
  const farm = opening.use(await openLiveFarm());
  const { storeDirectory } = farm.daemon.address;
  const address = `${s3.address}&compression=zstd&store=${storeDirectory}`;
  const settings = { remoteStoreAddr: [address], usePresignedUploads: true };
  const runner = opening.use(await farm.startRunner(settings));
  await buildTool(farm, runner);
  await until(async () => (await farm.database.query('select from iolaus.uploads')).length === 0);
  await dropAll(farm);
  opening.use(await farm.startBuilder(runner.endpoint, { apart: true }));
  const cache = opening.use(openBinaryCache(parseCacheAddress(address)));
  const open = opening.move();
  return { farm, cache, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const toolScript = 'echo from the tool > $out';

/** By a builder of which nothing is left: its connections hold what it built. */
async function buildTool(farm: LiveFarm, { endpoint }: { readonly endpoint: string }) {
  await using _builder = await farm.startBuilder(endpoint, { apart: true });
  const { build } = await farm.queue('tool', toolScript);
  assert.equal(await farm.statusOf(build), 0);
}

/** All builds are long over, and no rule keeps any; the store has nothing of them. */
async function dropAll({ daemon, database }: LiveFarm): Promise<void> {
  await database.query('delete from jobsetevalmembers');
  await database.query('update builds set starttime = 1, stoptime = 1 where finished = 1');
  await promisify(execFile)('nix-store', ['--gc'], { env: daemon.environment });
  const left = await readdir(daemon.address.storeDirectory);
  assert.ok(!left.some((name) => name.endsWith('-tool')));
}

type Scene = Awaited<ReturnType<typeof openScene>>;

/** What `iolaus cache gc` does; `meanwhile` happens after it has made its choice. */
async function collect({ farm, cache }: Scene, meanwhile: () => Promise<void>): Promise<string[]> {
  const needs = new WorkNeeds(farm.database, {
    directory: farm.daemon.address.storeDirectory,
    sinceSeconds: Math.floor(Date.now() / 1_000) - 60,
    onProgress: () => {},
  });
  const onProgress = (): void => {};
  const roots = await needs.read();
  const garbage = await findGarbage(cache, { roots, before: Date.now() + 60_000, onProgress });
  await meanwhile();
  const removed = await sweepGarbage(cache, garbage, {
    portion: (remove) => whileNobodyBegins(farm.database, async () => remove(await needs.read())),
    onProgress,
  });
  return removed.map(({ key }) => key);
}

test('what a build needs that is taken in after the choice was made stays', async () => {
  await using scene = await openScene();
  const { farm } = scene;
  const flag = join(farm.folder, 'flag');
  let program = { build: 0 };
  const removed = await collect(scene, async () => {
    const queued = await farm.queueAll(`let
      tool = run "tool" ${JSON.stringify(toolScript)} {};
      gate = run "gate" "until [ -e ${flag} ]; do sleep 0.05; done; echo open > $out" {};
    in { program = run "program" "cat \${tool} \${gate} > $out" {}; }`);
    program = queued['program'] ?? assert.fail();
    // The runner has taken it in, and takes the tool for built.
    await until(async () => (await farm.steps(program.build)).length === 1);
  });
  assert.deepEqual(removed, []);
  await writeFile(flag, '');
  assert.equal(await farm.statusOf(program.build), 0);
  assert.equal((await farm.steps(program.build)).length, 2, 'the tool is not built again');
  await verifyCache(scene.cache);
});

test('what was removed is built again, though the runner saw it a moment before', async () => {
  await using scene = await openScene();
  const { farm } = scene;
  const removed = await collect(scene, async () => {});
  assert.equal(removed.filter((key) => key.endsWith('.narinfo')).length, 1);
  const { program } = await farm.queueAll(`let
    tool = run "tool" ${JSON.stringify(toolScript)} {};
  in { program = run "program" "cat \${tool} > $out" {}; }`);
  assert.equal(await farm.statusOf(program?.build ?? 0), 0);
  assert.equal((await farm.steps(program?.build ?? 0)).length, 2);
  await verifyCache(scene.cache);
});
