import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import { until } from '../../testing/live-farm.ts';
import { openMixedFarm } from '../../testing/hydra/mixed-farm.ts';
import { hydraPrograms, ownBuilder, ownRunner } from '../../testing/hydra/programs.ts';
import type { Program } from '../../testing/hydra/programs.ts';
import { wayNames } from '../../testing/hydra/ways.ts';
import type { WayName } from '../../testing/hydra/ways.ts';

const limits = { maxSilentTime: 4, buildTimeout: 8, maxLogSize: 10_000, maxOutputSize: 50_000 };

const lines = 'i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done';
const below = 'run "below" "echo below; echo below > $out" {}';
const failing = 'run "failing" "echo went wrong; exit 3" {}';

/** Scripts, and Hydra's number for how each ends. */
const builds = `{
  good = run "good" ''
    echo went well; mkdir -p $out/nix-support $dev; ln -s $below $out/below
    echo good-1.0 > $out/nix-support/hydra-release-name
    echo text > "$out/some text.txt"
    echo "doc none \\"$out/some text.txt\\"" > $out/nix-support/hydra-build-products
    echo "lines 17 kB" > $out/nix-support/hydra-metrics
  '' { outputs = [ "out" "dev" ]; below = ${below}; };
  failing = ${failing};
  above = run "above" "echo > $out" { failing = ${failing}; };
  marked = run "marked" "mkdir -p $out/nix-support; touch $out/nix-support/failed" {};
  silent = run "silent" "echo said; exec sleep 60" {};
  slow = run "slow" "while true; do echo on; sleep 1; done" {};
  wordy = run "wordy" "${lines}; echo > $out" {};
  large = run "large" "head -c 100000 /dev/zero > $out" {};
}`;
const ends = { good: 0, failing: 1, above: 2, marked: 6, silent: 7, slow: 7, wordy: 10, large: 11 };

const hydra = hydraPrograms();

for (const way of wayNames) {
  tryPair(ownRunner, hydra.builder, way);
  tryPair(hydra.runner, ownBuilder, way);
}
for (const builder of hydra.olderBuilders) {
  if (builder.hasSettingsFile) tryPair(ownRunner, builder, 'token over TCP');
  else tryOldest(builder);
}

/** It knows no status but failed, and when one of its builds was cancelled, its next words to the daemon are out of step. */
function tryOldest(builder: Program): void {
  test(`our runner with ${builder.name}: builds succeed and fail, one after the other`, async () => {
    await using mixed = await openMixedFarm('token over TCP');
    await using _runner = await mixed.startRunner(ownRunner);
    await using _builder = await mixed.startBuilder(builder);
    for (const [name, script, status] of [
      ['first', 'echo went well; echo > $out', 0],
      ['second', 'echo went wrong; exit 3', 1],
      ['third', 'echo went well again; echo > $out', 0],
    ] as const) {
      const queued = await mixed.farm.queue(name, script);
      assert.equal(await mixed.farm.statusOf(queued.build), status);
      assert.match(await mixed.logOf(queued), /^went/);
    }
  });
}

function tryPair(runner: Program, builder: Program, way: WayName): void {
  test(`${runner.name} with ${builder.name}, ${way}: builds end as they should, cancelled ones too`, async () => {
    await using mixed = await openMixedFarm(way, { settings: () => limits });
    const { farm } = mixed;
    await using _runner = await mixed.startRunner(runner);
    await using _builder = await mixed.startBuilder(builder);
    const gate = makeGate(farm.folder, 'gate');
    const cancelled = await farm.queue('cancelled', `echo begun; ${gate.wait}; echo > $out`);
    await until(async () => (await farm.steps(cancelled.build))[0]?.busy === 30);
    await farm.database.query(
      'update builds set finished = 1, buildstatus = 4, starttime = 1, stoptime = 1 where id = $1',
      [cancelled.build],
    );
    await until(async () => (await farm.steps(cancelled.build))[0]?.status === 4);

    const queued = await farm.queueAll(builds, 'ends');
    await farm.database.query("select pg_notify('builds_added', '?')");
    const found = Object.entries(queued).map(
      async ([name, { build }]) => [name, await farm.statusOf(build)] as const,
    );
    assert.deepEqual(Object.fromEntries(await Promise.all(found)), ends);
    const { good, failing } = queued;
    assert.ok(good && failing);
    assert.equal(await mixed.logOf(good), 'went well\n');
    assert.equal(await mixed.logOf(failing), 'went wrong\n');
    const [row] = await farm.database.query(
      `select releasename, (select count(*)::int4 from buildproducts where build = $1) as products,
        (select count(*)::int4 from buildmetrics where build = $1) as metrics from builds where id = $1`,
      [good.build],
    );
    assert.deepEqual(row, { releasename: 'good-1.0', products: 2, metrics: 1 });
    assert.deepEqual(await farm.database.query('select build from buildsteps where busy <> 0'), []);
  });
}
