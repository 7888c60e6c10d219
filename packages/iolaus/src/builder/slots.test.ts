import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AttemptUuid } from '../protocol/identity.ts';
import { makeGate } from './testing/gate.ts';
import { openScene } from './testing/scene.ts';
import { outOf } from './testing/reports.ts';

test('there are never more builds at once than slots, and the rest says that it waits', async () => {
  await using scene = await openScene({ configuration: { maxJobs: 2 } });
  const { runner, daemon } = scene;
  const journal = join(daemon.directory, 'journal');
  writeFileSync(journal, '');
  const builds = await Promise.all(
    [0, 1, 2, 3, 4].map(async (number) => {
      const gate = makeGate(daemon.directory, `gate${number}`);
      const script = `echo + >> ${journal}; echo ready; ${gate.wait}; echo - >> ${journal}; echo ${number} > $out`;
      return { gate, attempt: (await scene.order({ script })).attempt };
    }),
  );
  const building = () => builds.filter(({ attempt }) => runner.logs.get(attempt) === 'ready\n');
  const waiting = () =>
    builds.filter(({ attempt }) => runner.phasesOf(attempt).at(-1) === 'waiting-for-local-slot');
  await runner.until(() => building().length === 2 && waiting().length === 3);
  for (const { gate, attempt } of builds) {
    await runner.until(() => runner.logs.get(attempt) === 'ready\n');
    await gate.open();
    await runner.reportOf(attempt);
  }
  let running = 0;
  const counts = readFileSync(journal, 'utf8')
    .split('\n')
    .map((mark) => (running += mark === '+' ? 1 : mark === '-' ? -1 : 0));
  assert.equal(Math.max(...counts), 2);
});

test('a slot is free when its build has ended, while its outputs are still handed over', async () => {
  const taking = Promise.withResolvers<void>();
  await using scene = await openScene({
    configuration: { maxJobs: 1 },
    runner: { sharesStore: false, holdsPaths: taking.promise },
  });
  const handsOver = (attempt: AttemptUuid): Promise<true> =>
    scene.runner.until(() => scene.runner.phasesOf(attempt).includes('receiving-outputs'));
  const first = await scene.order({ name: 'first', script: 'echo 1 > $out' });
  await handsOver(first.attempt);
  const second = await scene.order({ name: 'second', script: 'echo 2 > $out' });
  await handsOver(second.attempt);
  assert.equal(scene.runner.reports.size, 0);
  taking.resolve();
  for (const { attempt } of [first, second]) {
    assert.equal((await scene.runner.reportOf(attempt)).result.type, 'succeeded');
  }
});

test('what waits for a slot can be aborted', async () => {
  await using scene = await openScene({ configuration: { maxJobs: 1 } });
  const { runner, daemon } = scene;
  const gate = makeGate(daemon.directory, 'gate');
  const first = await scene.order({ script: `${gate.wait}; echo 1 > $out` });
  const second = await scene.order({ script: 'echo 2 > $out' });
  await runner.until(() => runner.phasesOf(second.attempt).includes('waiting-for-local-slot'));
  await runner.tunnel?.send({ type: 'abort', attempt: second.attempt });
  const third = await scene.order({ script: 'echo 3 > $out' });
  await gate.open();
  outOf(await runner.reportOf(first.attempt));
  outOf(await runner.reportOf(third.attempt));
  assert.equal(runner.reports.has(second.attempt), false);
});

test('an order that comes twice is built once', async () => {
  await using scene = await openScene();
  const { runner, daemon } = scene;
  const journal = join(daemon.directory, 'journal');
  const gate = makeGate(daemon.directory, 'gate');
  const script = `echo + >> ${journal}; echo ready; ${gate.wait}; echo > $out`;
  const { attempt } = await scene.order({ script, name: 'twice' });
  await runner.until(() => runner.logs.get(attempt) === 'ready\n');
  await runner.repeat(attempt);
  const { attempt: last } = await scene.order({ script: 'echo last > $out' });
  await gate.open();
  outOf(await runner.reportOf(attempt));
  outOf(await runner.reportOf(last));
  assert.equal(readFileSync(journal, 'utf8'), '+\n');
});
