import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { makeLifeline } from './testing/gate.ts';
import { TestRunner } from './testing/runner.ts';
import { openScene } from './testing/scene.ts';
import { outOf } from './testing/reports.ts';

test('an abort ends the processes of a build, and nothing more is heard of it', async () => {
  await using scene = await openScene();
  const { runner } = scene;
  const lifeline = makeLifeline(scene.daemon.directory, 'lifeline');
  const { attempt } = await scene.order({
    script: `${lifeline.hold}; echo ready; /bin/sleep 1000; echo > $out`,
  });
  await runner.until(() => runner.logs.get(attempt) === 'ready\n');
  await runner.tunnel?.send({ type: 'abort', attempt });
  await lifeline.cut;
  // The builder goes on: what is ordered next gets through, and by then the other would have been reported.
  const next = await scene.order({ script: 'echo next > $out' });
  outOf(await runner.reportOf(next.attempt));
  assert.equal(runner.reports.has(attempt), false);
});

test('an abort of what nobody knows is no matter', async () => {
  await using scene = await openScene();
  const done = await scene.order({ script: 'echo > $out' });
  await scene.runner.reportOf(done.attempt);
  await scene.runner.tunnel?.send({ type: 'abort', attempt: done.attempt });
  const next = await scene.order({ script: 'echo next > $out' });
  outOf(await scene.runner.reportOf(next.attempt));
});

test('when the runner ends the tunnel, all builds are stopped and the builder joins again by another name', async () => {
  await using scene = await openScene();
  const { runner } = scene;
  const lifeline = makeLifeline(scene.daemon.directory, 'lifeline');
  const { attempt } = await scene.order({
    script: `${lifeline.hold}; echo ready; /bin/sleep 1000`,
  });
  await runner.until(() => runner.logs.get(attempt) === 'ready\n');
  runner.tunnel?.close();
  await lifeline.cut;
  const [first, second] = await runner.until(() => (runner.joins.length > 1 ? runner.joins : null));
  assert.notEqual(first?.machine, second?.machine);
  const next = await scene.order({ script: 'echo next > $out' });
  outOf(await runner.reportOf(next.attempt));
  assert.equal(runner.reports.has(attempt), false);
});

test('when the runner dies, all builds are stopped; the builder finds the next runner by itself', async () => {
  await using daemon = await startPrivateDaemon();
  const { storeDirectory } = daemon.address;
  const bind = join(daemon.directory, 'runner');
  const runnerOptions = { storeDirectory, sharesStore: true, bind };
  const lifeline = makeLifeline(daemon.directory, 'lifeline');
  await using scene = await openScene({ daemon, runner: { bind } });
  const { attempt } = await scene.order({
    script: `${lifeline.hold}; echo ready; /bin/sleep 1000`,
  });
  await scene.runner.until(() => scene.runner.logs.get(attempt) === 'ready\n');
  await scene.runner[Symbol.asyncDispose]();
  await lifeline.cut;
  await using next = await TestRunner.start(runnerOptions);
  await next.until(() => next.joins.length > 0);
});

test('stopping ends the processes of all builds', async () => {
  await using scene = await openScene();
  const lifeline = makeLifeline(scene.daemon.directory, 'lifeline');
  const { attempt } = await scene.order({
    script: `${lifeline.hold}; echo ready; /bin/sleep 1000`,
  });
  await scene.runner.until(() => scene.runner.logs.get(attempt) === 'ready\n');
  await scene.builder.stop();
  await scene.builder.ended;
  await lifeline.cut;
});
