import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../testing/live-farm.ts';
import { runnerConfigurationSchema } from '../../settings/configuration.ts';
import {
  assertAllTrue,
  build,
  buildElsewhere,
  has,
  lib,
  openScene,
  outputOf,
  published,
} from './testing/overflow-scene.ts';

for (const presigned of [true, false]) {
  const way = presigned ? 'builders upload' : 'the runner uploads';
  test(`an overflow jobset's outputs land in the overflow store only, where ${way}`, async () => {
    await using scene = await openScene({ presigned });
    const { s3, overflow, farm } = scene;
    await using runner = await farm.startRunner(scene.settings);
    await using _builder = await farm.startBuilder(runner.endpoint, { apart: presigned });
    const built = await build(farm, `{ ${lib} }`, 'staging');
    await published(farm);
    const path = await outputOf(farm, built);
    assert.ok(await has(overflow, path));
    assert.ok(!(await has(s3, path)));
    assert.ok((await overflow.keys()).includes(`log/${built.derivation}`));
    assert.ok(!(await s3.keys()).includes(`log/${built.derivation}`));
    const again = await build(farm, `{ ${lib} }`, 'next');
    assert.deepEqual(await farm.steps(again.build), []);
    assert.ok(!(await has(s3, path)));
    const wanted = await build(farm, `{ ${lib} }`, 'jobset');
    assert.deepEqual(await farm.steps(wanted.build), []);
    await published(farm);
    assert.ok(await has(s3, path));
    await assertAllTrue(scene);
  });
}

test('what others need of it is copied, not built again, and they wait for it', async () => {
  await using scene = await openScene();
  const { s3, farm } = scene;
  await using runner = await farm.startRunner(scene.settings);
  const path = await buildElsewhere(farm, runner.endpoint, 'staging');
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  const dependent = `let ${lib} in { app = run "app" "cat \${lib}/file > $out" {}; }`;
  const { build: app } = await build(farm, dependent, 'jobset');
  assert.equal((await farm.steps(app)).length, 1);
  await published(farm);
  assert.ok(await has(s3, path));
  await assertAllTrue(scene);
  // By a builder, by the server, and by a builder again.
  const archivesPut = s3.requests.filter(
    ({ method, key }) => method === 'PUT' && key.startsWith('nar/'),
  );
  assert.equal(archivesPut.length, 3);
  assert.deepEqual(runner.sight.overflowCopies, { queued: 1, succeeded: 1, failed: 0 });
});

test('a step that both kinds of jobsets need goes where everybody finds it', async () => {
  await using scene = await openScene();
  const { s3, overflow, farm } = scene;
  await using runner = await farm.startRunner(scene.settings);
  const queued = [];
  for (const jobset of ['staging', 'jobset'])
    queued.push(...Object.values(await farm.queueAll(`{ ${lib} }`, jobset)));
  await until(() => runner.progress().unfinishedBuilds === 2);
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  for (const one of queued) assert.equal(await farm.statusOf(one.build), 0);
  await published(farm);
  const path = await outputOf(farm, queued[0] ?? assert.fail());
  assert.ok(await has(s3, path));
  assert.ok(!(await has(overflow, path)));
});

test('which jobsets these are can change while the runner works', async () => {
  await using scene = await openScene();
  const { overflow, farm, settings } = scene;
  await using runner = await farm.startRunner({ ...settings, overflowStore: undefined });
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  await runner.reconfigure(
    runnerConfigurationSchema.parse({ hydraDataDir: farm.folder, ...settings }),
  );
  const built = await build(farm, `{ ${lib} }`, 'staging');
  assert.ok(await has(overflow, await outputOf(farm, built)));
});

test('what the overflow store has lost is built again', async () => {
  await using scene = await openScene();
  const { s3, overflow, farm, settings } = scene;
  await using runner = await farm.startRunner(settings);
  const path = await buildElsewhere(farm, runner.endpoint, 'staging');
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  // The runner still trusts what it has seen there.
  for (const key of await overflow.keys()) await overflow.objects.delete(key);
  const again = await build(farm, `{ ${lib} }`, 'jobset');
  assert.equal((await farm.steps(again.build)).length, 1);
  await published(farm);
  assert.ok(await has(s3, path));
});
