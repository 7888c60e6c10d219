import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonConnection, fromUtf8, printStorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { Fault } from '../fault/fault.ts';
import type { AttemptReport, ReportedOutput } from '../protocol/attempt-report.ts';
import type { AttemptUuid } from '../protocol/identity.ts';
import { startBuilder } from './builder.ts';
import { makeGate, makeLifeline } from './testing/gate.ts';
import { TestRunner } from './testing/runner.ts';
import { builderOptions, openScene } from './testing/scene.ts';
import type { Scene } from './testing/scene.ts';

function outOf(report: AttemptReport): ReportedOutput {
  assert.equal(report.result.type, 'succeeded', JSON.stringify(report.result));
  const out = report.result.outputs.get('out');
  assert.ok(out);
  return out;
}

function failureOf({ result }: AttemptReport): { failure: string; message: string } {
  assert.equal(result.type, 'failed');
  return { failure: result.failure, message: result.message ?? '' };
}

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

test("how large outputs are in a store that is the runner's too is left to the runner", async () => {
  await using scene = await openScene();
  const { attempt, output } = await scene.order({ script: 'printf contents > $out' });
  const out = outOf(await scene.runner.reportOf(attempt));
  assert.equal(out.path, output);
  assert.equal(out.figures, null);
});

test('an output may be as large as was ordered, and not a byte larger', async () => {
  await using scene = await openScene({ runner: { sharesStore: false } });
  const script = 'printf contents > $out';
  const exact = await scene.order({ script, maxOutputBytes: 120 });
  assert.equal((await scene.runner.reportOf(exact.attempt)).result.type, 'succeeded');
  const tight = await scene.order({ script, maxOutputBytes: 119 });
  const { failure, message } = failureOf(await scene.runner.reportOf(tight.attempt));
  assert.equal(failure, 'output-limit-exceeded');
  assert.match(message, /120 bytes, which is more than 119/);
});

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

test('an output tells of itself in nix-support', async () => {
  await using scene = await openScene();
  const { attempt, output } = await scene.order({
    script: `/bin/mkdir -p $out/nix-support; cd $out; printf data > file
      echo "file data $out/file" > nix-support/hydra-build-products
      echo "size 3 KiB" > nix-support/hydra-metrics
      echo thing-1 > nix-support/hydra-release-name
      echo > nix-support/failed`,
  });
  const { nixSupport } = outOf(await scene.runner.reportOf(attempt));
  assert.equal(nixSupport?.failed, true);
  assert.equal(nixSupport.releaseName, 'thing-1');
  assert.deepEqual(nixSupport.metrics, [{ name: 'size', value: 3, unit: 'KiB' }]);
  const [product] = nixSupport.products;
  assert.equal(product?.storePath, output);
  assert.equal(product.subPath, 'file');
  assert.equal(product.fileSize, 4);
});

test('the closure of an output counts what it refers to', async () => {
  await using scene = await openScene({ runner: { sharesStore: false } });
  const { storeDirectory } = scene.daemon.address;
  const below = await scene.order({ script: 'printf contents > $out' });
  await scene.runner.reportOf(below.attempt);
  const above = await scene.order({
    script: `printf ${printStorePath(storeDirectory, below.output)} > $out`,
    inputs: [below.output],
  });
  const out = outOf(await scene.runner.reportOf(above.attempt));
  assert.ok(out.figures !== null);
  assert.equal(out.figures.closureSize, out.figures.narSize + 120);
});

test('outputs whose path only the build can tell are reported with it', async () => {
  await using scene = await openScene();
  const { attempt } = await scene.order({
    script: 'echo floating > $out',
    change: (derivation) => ({
      ...derivation,
      outputs: new Map([['out', { type: 'floating', method: 'nar', algorithm: 'sha256' }]]),
      environment: new Map([
        ...derivation.environment,
        [fromUtf8('out'), fromUtf8('/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9')],
      ]),
    }),
  });
  assert.match(outOf(await scene.runner.reportOf(attempt)).path, /-thing$/);
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

test("a builder that has the runner's store uploads nothing: the runner publishes from there", async () => {
  // This runner answers no questions about uploads.
  await using scene = await openScene();
  const { attempt } = await scene.order({
    script: 'echo > $out',
    presignedUpload: { debugInfo: false },
  });
  outOf(await scene.runner.reportOf(attempt));
});

test('a builder may come before its runner', async () => {
  await using daemon = await startPrivateDaemon();
  const bind = join(daemon.directory, 'runner');
  await using _builder = await startBuilder(builderOptions(daemon, `unix://${bind}`));
  const { storeDirectory } = daemon.address;
  await using runner = await TestRunner.start({ storeDirectory, sharesStore: true, bind });
  await runner.until(() => runner.pings.length > 0);
});

test('the token is shown; without it the builder keeps asking', async () => {
  await using daemon = await startPrivateDaemon();
  const { storeDirectory } = daemon.address;
  const runnerOptions = { storeDirectory, sharesStore: true, tokens: ['secret'] };
  await using runner = await TestRunner.start(runnerOptions);
  const lines: string[] = [];
  const options = builderOptions(daemon, runner.endpoint, {}, lines);
  await using _stranger = await startBuilder(options);
  assert.match(lines.join(''), /does not accept the token/);
  assert.equal(runner.joins.length, 0);
  await using _friend = await startBuilder({ ...options, token: 'secret' });
  await runner.until(() => runner.joins.length === 1);
});

const refusals: readonly (readonly [string, Fault['code'], (scene: Scene) => Promise<unknown>])[] =
  [
    [
      'no Nix daemon answers',
      'daemon-unreachable',
      ({ daemon, runner }) => {
        const options = builderOptions(daemon, runner.endpoint);
        return startBuilder({ ...options, daemon: { ...options.daemon, socketPath: '/nowhere' } });
      },
    ],
    [
      'there is no Nix',
      'no-nix',
      ({ daemon, runner }) =>
        startBuilder({
          ...builderOptions(daemon, runner.endpoint),
          environment: { ...daemon.environment, PATH: '/nowhere' },
        }),
    ],
    [
      'the endpoint is none',
      'bad-configuration',
      ({ daemon }) => startBuilder(builderOptions(daemon, 'runner:50051')),
    ],
    [
      'it is to show a certificate in the clear',
      'bad-configuration',
      ({ daemon, runner }) => {
        const tls = { authority: '', certificate: '', key: '', domainName: '' };
        return startBuilder({ ...builderOptions(daemon, runner.endpoint), tls });
      },
    ],
  ];
for (const [what, code, start] of refusals) {
  test(`a builder does not start where ${what}`, async () => {
    await using scene = await openScene();
    await assert.rejects(
      () => start(scene),
      (error) => error instanceof Fault && error.code === code,
    );
  });
}

test('a builder does not start for a runner with another store directory', async () => {
  await using daemon = await startPrivateDaemon();
  await using other = await startPrivateDaemon();
  const { storeDirectory } = other.address;
  await using runner = await TestRunner.start({ storeDirectory, sharesStore: true });
  await assert.rejects(
    startBuilder(builderOptions(daemon, runner.endpoint)),
    (error) => error instanceof Fault && error.code === 'protocol-mismatch',
  );
});

test('a builder says of itself what its settings, Nix and the system say', async () => {
  await using scene = await openScene({
    configuration: { maxJobs: 3, mandatoryFeatures: ['big'], systems: ['riscv64-linux'] },
    builder: { hostname: 'ares' },
  });
  const [join] = scene.runner.joins;
  assert.equal(join?.hostname, 'ares');
  assert.equal(join.maxJobs, 3);
  assert.deepEqual(join.systems, ['riscv64-linux']);
  assert.deepEqual(join.mandatoryFeatures, ['big']);
  assert.ok(join.supportedFeatures.includes('ca-derivations'));
  assert.match(join.nixVersion, /^nix \(Nix\) 2\./);
  assert.ok(join.storeIdentity);
  const ping = await scene.runner.until(() => scene.runner.pings[0]);
  assert.ok(ping.buildDirectoryFreePercent > 0 && ping.buildDirectoryFreePercent <= 100);
  assert.ok(ping.memoryUsedBytes > 0 && ping.memoryUsedBytes < join.totalMemoryBytes);
});

test('outputs stay in the store while the runner has not taken note of them', async () => {
  await using scene = await openScene();
  const { attempt, output } = await scene.order({ script: 'echo > $out' });
  await scene.runner.reportOf(attempt);
  await collectGarbage(scene);
  await using connection = await DaemonConnection.connect(scene.daemon.address);
  assert.equal(await connection.isValidPath(output), true);
});

async function collectGarbage(scene: Scene): Promise<void> {
  await promisify(execFile)('nix-store', ['--gc'], { env: scene.daemon.environment });
}
