import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import type { Gate } from '../../builder/testing/gate.ts';
import { connectRunner } from '../../protocol/client/runner-client.ts';
import { protocolVersion, spokenVersions } from '../../protocol/version.ts';
import { aJoin } from '../../protocol/testing/runner-pair.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm, QueuedScript } from '../../testing/live-farm.ts';
import { openWire } from '../../testing/wire.ts';

/** A build that says so when it has begun, waits for the gate, and leaves a trace of each time that it runs. */
async function queueGated(farm: LiveFarm, name: string): Promise<GatedBuild> {
  const gate = makeGate(farm.folder, `${name}.gate`);
  const trace = join(farm.folder, `${name}.trace`);
  const queued = await farm.queue(
    name,
    `echo before; echo start >> ${trace}; ${gate.wait}; echo after; echo > $out`,
  );
  return { ...queued, gate, traces: () => readFile(trace, 'utf8').catch(() => '') };
}

type GatedBuild = QueuedScript & { readonly gate: Gate; readonly traces: () => Promise<string> };

const whenBegun = (build: GatedBuild): Promise<string> =>
  until(async () => (await build.traces()) || null);

/** The build has gone on and is over, whether anybody has heard of it or not. */
const whenOver = (output: string): Promise<string> =>
  until(() => readFile(output, 'utf8').catch(() => null));

async function outputOf(farm: LiveFarm, { build }: QueuedScript): Promise<string> {
  const [row] = await farm.database.query<{ path: string }>(
    'select path from buildoutputs where build = $1',
    [build],
  );
  return row?.path ?? '';
}

/** It succeeds, after one run with one row and a whole log. */
async function assertDoneOnce(farm: LiveFarm, build: GatedBuild): Promise<void> {
  assert.equal(await farm.statusOf(build.build), 0);
  const [row, ...others] = await farm.steps(build.build);
  const facts = { number: 1, busy: 0, status: 0, message: null, machine: 'ares' };
  assert.deepEqual([row, others], [{ ...facts, startTime: row?.startTime }, []]);
  assert.equal(await build.traces(), 'start\n');
  assert.equal(await farm.logOf(build), 'before\nafter\n');
}

test('a build that ends while no runner is there is recorded by the next one, under the same attempt', async () => {
  await using farm = await openLiveFarm();
  const first = await farm.startRunner();
  await using _builder = await farm.startBuilder(first.endpoint);
  const build = await queueGated(farm, 'over');
  await whenBegun(build);
  const [begun] = await farm.steps(build.build);
  await first[Symbol.asyncDispose]();
  assert.equal((await farm.steps(build.build))[0]?.busy, begun?.busy);

  await build.gate.open();
  await whenOver(await outputOf(farm, build));
  await using _second = await farm.startRunner();
  await assertDoneOnce(farm, build);
  assert.equal((await farm.steps(build.build))[0]?.startTime, begun?.startTime);
  assert.equal(await farm.logOf(build, 1), 'before\nafter\n');
  assert.deepEqual(await farm.database.query('select * from iolaus.grants'), []);
});

test('a runner that comes back on another machine, without the files of the first, gets the whole log', async () => {
  await using farm = await openLiveFarm();
  const first = await farm.startRunner({ hydraDataDir: join(farm.folder, 'elsewhere') });
  await using _builder = await farm.startBuilder(first.endpoint);
  const build = await queueGated(farm, 'moved');
  await whenBegun(build);
  await first[Symbol.asyncDispose]();
  await using _second = await farm.startRunner();
  await until(() => farm.lines.filter((line) => /builder joined/.test(line))[1]);
  await build.gate.open();
  assert.equal(await farm.statusOf(build.build), 0);
  assert.equal(await farm.logOf(build), 'before\nafter\n');
  assert.equal(await build.traces(), 'start\n');
});

test('what no builder claims in time after a restart is closed and built again', async () => {
  await using farm = await openLiveFarm();
  const first = await farm.startRunner();
  const lost = await farm.startBuilder(first.endpoint, { hostname: 'lost' });
  const build = await queueGated(farm, 'unclaimed');
  await farm.logGrows(build, 1, 'before\n');
  await first[Symbol.asyncDispose]();
  await lost.stop();
  await using second = await farm.startRunner({ rejoinTimeInS: 1 });
  await using _builder = await farm.startBuilder(second.endpoint);
  await until(async () => (await build.traces()) === 'start\nstart\n');
  await build.gate.open();
  assert.equal(await farm.statusOf(build.build), 0);
  const [aborted, built] = await farm.steps(build.build);
  assert.equal(aborted?.status, 3);
  assert.equal(aborted.machine, 'lost');
  assert.equal(built?.status, 0);
  assert.equal(await farm.logOf(build, 1), 'before\n');
  assert.equal(await farm.logOf(build, 2), 'before\nafter\n');
});

test('a builder that is started again is known by its folder, and what it was doing is tried again at once', async () => {
  await using farm = await openLiveFarm();
  const first = await farm.startRunner();
  const stateDirectory = join(farm.folder, 'builder');
  const builder = await farm.startBuilder(first.endpoint, { stateDirectory });
  const build = await queueGated(farm, 'restarted');
  await whenBegun(build);
  // The runner does not hear the builder's leave: as far as it can tell, the builder may come back.
  await first[Symbol.asyncDispose]();
  await builder.stop();
  await using second = await farm.startRunner({ rejoinTimeInS: 3_600 });
  await using _again = await farm.startBuilder(second.endpoint, { stateDirectory });
  await until(async () => (await build.traces()) === 'start\nstart\n');
  await build.gate.open();
  assert.equal(await farm.statusOf(build.build), 0);
  const [aborted] = await farm.steps(build.build);
  assert.equal(aborted?.message, 'the builder came back without it');
});

test('what a builder has finished while the runner was away outlasts its own restart', async () => {
  await using farm = await openLiveFarm();
  const first = await farm.startRunner();
  const stateDirectory = join(farm.folder, 'builder');
  const builder = await farm.startBuilder(first.endpoint, { stateDirectory });
  const build = await queueGated(farm, 'kept');
  await whenBegun(build);
  await first[Symbol.asyncDispose]();
  await build.gate.open();
  await until(async () => (await readdir(join(stateDirectory, 'attempts'))).length === 2);
  await builder.stop();

  await using _again = await farm.startBuilder(first.endpoint, { stateDirectory });
  await using _second = await farm.startRunner();
  await assertDoneOnce(farm, build);
  await until(async () => (await readdir(join(stateDirectory, 'attempts'))).length === 0);
});

test('a tunnel that breaks costs nothing', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using wire = await openWire(join(farm.folder, 'runner'));
  await using _builder = await farm.startBuilder(wire.endpoint);
  const build = await queueGated(farm, 'cut');
  await whenBegun(build);
  wire.cut();
  await until(() => runner.progress().builders === 0);
  await until(() => runner.progress().builders === 1);
  await build.gate.open();
  await assertDoneOnce(farm, build);
});

test('a runner that comes back with an older dialect takes back what was begun under the newer one', async () => {
  await using farm = await openLiveFarm();
  const first = await farm.startRunner();
  await using wire = await openWire(join(farm.folder, 'runner'));
  await using _builder = await farm.startBuilder(wire.endpoint);
  const build = await queueGated(farm, 'upgraded');
  await whenBegun(build);
  await first[Symbol.asyncDispose]();
  const older = [...spokenVersions].find((each) => each !== protocolVersion) ?? assert.fail();
  const unknown = protocolVersion.replace(/.{8}$/, '00000000');
  wire.translate([[protocolVersion, unknown]], [[protocolVersion, older]]);
  await using second = await farm.startRunner();
  await until(() => second.progress().builders === 1);
  assert.ok(wire.said.there.has(protocolVersion) && wire.said.back.has(protocolVersion));
  await build.gate.open();
  await assertDoneOnce(farm, build);
});

test('a builder that cannot come back loses its step with its tunnel, and to the next runner at once', async () => {
  await using farm = await openLiveFarm();
  const first = await farm.startRunner();
  const { storeDirectory } = farm.daemon.address;
  await using client = connectRunner(first.endpoint, { storeDirectory });
  // As Hydra's builder joins: without a name that it keeps, and without our dialect.
  const join = { ...aJoin(), systems: ['x86_64-linux', 'aarch64-linux'], dialect: 0 };
  const tunnel = client.openTunnel(join);
  const messages = tunnel.messages[Symbol.asyncIterator]();
  assert.equal((await messages.next()).value?.type, 'joined');
  await tunnel.send({
    type: 'ping',
    ping: {
      machine: join.machine,
      load1: 0,
      load5: 0,
      load15: 0,
      memoryUsedBytes: 0,
      pressure: null,
      buildDirectoryFreePercent: 50,
      storeFreePercent: 50,
      pathsSubstituting: 0,
      pathsUploading: 0,
      pathsDownloading: 0,
    },
  });
  const build = await farm.queue('foreign', 'echo > $out');
  assert.equal((await messages.next()).value?.type, 'build');
  assert.deepEqual(await farm.database.query('select * from iolaus.grants'), []);
  await first[Symbol.asyncDispose]();
  const [aborted] = await farm.steps(build.build);
  assert.equal(aborted?.busy, 0);
  assert.equal(aborted.status, 3);

  await using second = await farm.startRunner({ rejoinTimeInS: 3_600 });
  await using _builder = await farm.startBuilder(second.endpoint);
  assert.equal(await farm.statusOf(build.build), 0);
});
