import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { Fault } from '../fault/fault.ts';
import { startBuilder } from './builder.ts';
import { TestRunner } from './testing/runner.ts';
import { builderOptions, openScene } from './testing/scene.ts';
import type { Scene } from './testing/scene.ts';

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
