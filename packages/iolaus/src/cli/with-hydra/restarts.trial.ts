import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import type { Gate } from '../../builder/testing/gate.ts';
import type { ChildProgram } from '../../testing/child-program.ts';
import { until } from '../../testing/live-farm.ts';
import type { QueuedScript } from '../../testing/live-farm.ts';
import { openMixedFarm } from '../../testing/hydra/mixed-farm.ts';
import type { MixedFarm } from '../../testing/hydra/mixed-farm.ts';
import { hydraPrograms, ownBuilder, ownRunner } from '../../testing/hydra/programs.ts';

const hydra = hydraPrograms();

/** Builds that hold their builder up until the gate is opened, and leave a trace each time that they run. */
async function queueGated({ farm }: MixedFarm, name: string): Promise<GatedBuild> {
  const gate = makeGate(farm.folder, `${name}.gate`);
  const trace = join(farm.folder, `${name}.trace`);
  const script = `echo before; echo begun >> ${trace}; ${gate.wait}; echo after; echo > $out`;
  const queued = await farm.queue(name, script);
  await farm.database.query("select pg_notify('builds_added', '?')");
  const runs = async (): Promise<number> =>
    (await readFile(trace, 'utf8').catch(() => '')).split('begun').length - 1;
  return { ...queued, gate, runs };
}

type GatedBuild = QueuedScript & { readonly gate: Gate; readonly runs: () => Promise<number> };

const statusesOf = async ({ farm }: MixedFarm, build: number): Promise<(number | null)[]> =>
  (await farm.steps(build)).map(({ status }) => status);

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`our runner is restarted by ${signal} while Hydra's builder builds: it is built again, and nothing has failed`, async () => {
    await using mixed = await openMixedFarm('token over TCP');
    const first = await mixed.startRunner(ownRunner);
    await using _builder = mixed.keepBuilder(hydra.builder);
    const build = await queueGated(mixed, 'again');
    await until(async () => (await build.runs()) === 1);
    await end(first, signal);
    await using _second = await mixed.startRunner(ownRunner);
    await endsAfterAnotherRun(mixed, build);
    assert.equal(await mixed.logOf(build), 'before\nafter\n');
  });
}

test("Hydra's runner is restarted while our builder builds: it is built again, and nothing has failed", async () => {
  await using mixed = await openMixedFarm('token over TCP');
  const first = await mixed.startRunner(hydra.runner);
  await using _builder = await mixed.startBuilder(ownBuilder);
  const build = await queueGated(mixed, 'again');
  await until(async () => (await build.runs()) === 1);
  await end(first, 'SIGTERM');
  await using _second = await mixed.startRunner(hydra.runner);
  await endsAfterAnotherRun(mixed, build);
});

for (const builder of [hydra.builder, ownBuilder]) {
  test(`with ${builder.name} ours takes over from Hydra's runner, Hydra's from ours, and ours again`, async () => {
    await using mixed = await openMixedFarm('token over TCP');
    await using _builder = mixed.keepBuilder(builder);
    const runners = [hydra.runner, ownRunner, hydra.runner, ownRunner];
    const left: GatedBuild[] = [];
    for (const [index, program] of runners.entries()) {
      await using runner = await mixed.startRunner(program);
      for (const build of left.splice(0)) await endsAfterAnotherRun(mixed, build);
      const next = await queueGated(mixed, `turn-${index}`);
      left.push(next);
      await until(async () => (await next.runs()) === 1);
      await end(runner, 'SIGTERM');
    }
  });
}

async function endsAfterAnotherRun(mixed: MixedFarm, { build, gate, runs }: GatedBuild) {
  await until(async () => (await runs()) === 2);
  await gate.open();
  assert.equal(await mixed.farm.statusOf(build), 0);
  assert.deepEqual(await statusesOf(mixed, build), [3, 0]);
}

async function end(program: ChildProgram, signal: NodeJS.Signals): Promise<void> {
  program.signal(signal);
  await program.ended;
}
