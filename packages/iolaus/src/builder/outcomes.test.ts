import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { makeLifeline } from './testing/gate.ts';
import { openScene } from './testing/scene.ts';
import { failureOf, outOf } from './testing/reports.ts';

test('a build succeeds, and is reported with what came out of it', async () => {
  await using scene = await openScene({ runner: { sharesStore: false } });
  const { attempt, output } = await scene.order({ script: 'printf contents > $out' });
  const report = await scene.runner.reportOf(attempt);
  const out = outOf(report);
  assert.equal(out.path, output);
  assert.equal(out.figures?.narSize, 120);
  assert.equal(out.figures.closureSize, 120);
  assert.equal(out.figures.narHash?.algorithm, 'sha256');
  assert.equal(report.cached, false);
  assert.ok(report.startedAt !== null && report.stoppedAt !== null);
  assert.ok(report.startedAt <= report.stoppedAt);
});

test('what is there already is reported as cached', async () => {
  await using scene = await openScene();
  const script = 'echo 1 > $out';
  const first = await scene.order({ script });
  await scene.runner.reportOf(first.attempt);
  const second = await scene.order({ script });
  assert.equal((await scene.runner.reportOf(second.attempt)).cached, true);
});

test('a build that exits with another status than 0 has failed for good', async () => {
  await using scene = await openScene();
  const { attempt } = await scene.order({ script: 'echo the reason; exit 3' });
  const { failure, message } = failureOf(await scene.runner.reportOf(attempt));
  assert.equal(failure, 'build-failed');
  assert.match(message, /exit code 3/);
  assert.equal(scene.runner.logs.get(attempt), 'the reason\n');
});

test('a build that makes no output has failed for good', async () => {
  await using scene = await openScene();
  const { attempt } = await scene.order({ script: 'true' });
  assert.equal(failureOf(await scene.runner.reportOf(attempt)).failure, 'build-failed');
});

test('a failed build tells how long it took', async () => {
  await using scene = await openScene();
  const { attempt } = await scene.order({ script: '/bin/sleep 0.2; exit 1' });
  assert.ok((await scene.runner.reportOf(attempt)).buildMilliseconds >= 200);
});

test('a build that takes its time tells what it used', async () => {
  await using scene = await openScene();
  const work = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done';
  const { attempt } = await scene.order({ script: `${work}; /bin/sleep 2; echo > $out` });
  const { peakMemoryBytes, cpuUserMicroseconds } = await scene.runner.reportOf(attempt);
  assert.ok(peakMemoryBytes !== null && peakMemoryBytes > 100_000, `${peakMemoryBytes}`);
  assert.ok(cpuUserMicroseconds !== null && cpuUserMicroseconds > 0);
});

test('a build that takes longer than its timeout is stopped', async () => {
  await using scene = await openScene();
  const lifeline = makeLifeline(scene.daemon.directory, 'lifeline');
  const { attempt } = await scene.order({
    script: `${lifeline.hold}; while true; do echo on and on; /bin/sleep 0.1; done`,
    timeoutSeconds: 1,
  });
  assert.equal(failureOf(await scene.runner.reportOf(attempt)).failure, 'timed-out');
  await lifeline.cut;
});

test('a build that says nothing for longer than it may is stopped', async () => {
  await using scene = await openScene();
  const lifeline = makeLifeline(scene.daemon.directory, 'lifeline');
  const { attempt } = await scene.order({
    script: `${lifeline.hold}; echo once; exec /bin/sleep 1000`,
    maxSilentSeconds: 1,
  });
  assert.equal(failureOf(await scene.runner.reportOf(attempt)).failure, 'timed-out');
  await lifeline.cut;
});

test('a build whose log grows beyond its limit is stopped', async () => {
  await using scene = await openScene();
  const lifeline = makeLifeline(scene.daemon.directory, 'lifeline');
  const { attempt } = await scene.order({
    script: `${lifeline.hold}; while true; do echo on and on; done`,
    maxLogBytes: 10_000,
  });
  assert.equal(failureOf(await scene.runner.reportOf(attempt)).failure, 'log-limit-exceeded');
  await lifeline.cut;
});

test('a daemon that has gone is no fault of the build', async () => {
  await using scene = await openScene();
  rmSync(scene.daemon.address.socketPath);
  const { attempt } = await scene.order({ script: 'echo > $out' });
  const { failure, message } = failureOf(await scene.runner.reportOf(attempt));
  assert.equal(failure, 'preparing-failed');
  assert.match(message, /Nix daemon/);
});

test('inputs that are missing are no fault of the build', async () => {
  await using scene = await openScene();
  const { output } = await scene.order({ script: 'exit 1', name: 'never' });
  const { attempt } = await scene.order({ script: 'echo > $out', inputs: [output] });
  const { failure } = failureOf(await scene.runner.reportOf(attempt));
  assert.ok(['preparing-failed', 'import-failed'].includes(failure), failure);
});
