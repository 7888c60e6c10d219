import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGate } from './testing/gate.ts';
import { openScene } from './testing/scene.ts';

test('a builder that drains finishes what it has, takes nothing more and ends', async () => {
  const held: (readonly string[])[] = [];
  await using scene = await openScene({
    configuration: { buildDirAvailThreshold: 0 },
    builder: { onWork: (derivations) => void held.push(derivations) },
  });
  const gate = makeGate(scene.daemon.directory, 'gate');
  const { attempt } = await scene.order({ script: `${gate.wait}; echo 1 > $out` });
  await scene.runner.until(() => scene.runner.phasesOf(attempt).includes('building'));
  scene.builder.drain();
  await scene.runner.until(() => scene.runner.pings.at(-1)?.buildDirectoryFreePercent === -1);
  assert.equal(scene.runner.reports.size, 0);
  await gate.open();
  assert.equal((await scene.runner.reportOf(attempt)).result.type, 'succeeded');
  await scene.builder.ended;
  assert.deepEqual(
    held.map((derivations) => derivations.length),
    [1, 0],
  );
});

test('a builder that has nothing to do is drained at once', async () => {
  await using scene = await openScene();
  scene.builder.drain();
  await scene.builder.ended;
});
