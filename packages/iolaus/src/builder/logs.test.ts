import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGate } from './testing/gate.ts';
import { openScene } from './testing/scene.ts';

test('the log arrives while the build goes on, byte for byte', async () => {
  await using scene = await openScene();
  const gate = makeGate(scene.daemon.directory, 'gate');
  const { attempt } = await scene.order({
    script: `printf 'caf\\351\\n'; ${gate.wait}; echo last; echo > $out`,
  });
  await scene.runner.until(() => scene.runner.logs.get(attempt) === 'caf\u{e9}\n');
  await gate.open();
  await scene.runner.reportOf(attempt);
  assert.equal(scene.runner.logs.get(attempt), 'caf\u{e9}\nlast\n');
});

test('a build that says nothing costs no stream for its log', async () => {
  await using scene = await openScene();
  const { attempt } = await scene.order({ script: 'echo > $out' });
  await scene.runner.reportOf(attempt);
  assert.deepEqual([...scene.runner.calls], []);
});

test('a long log arrives whole', async () => {
  await using scene = await openScene();
  const { attempt } = await scene.order({
    script: 'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo > $out',
  });
  await scene.runner.reportOf(attempt);
  const lines = scene.runner.logs.get(attempt)?.split('\n') ?? [];
  assert.equal(lines.length, 20_001);
  assert.equal(lines[19_999], 'line 19999');
});
