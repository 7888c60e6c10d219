import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import { openServiceManager } from '../../supervision/testing/service-manager.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import { openOwnDatabase } from '../../testing/farm-database.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';

const watchdog = { WATCHDOG_USEC: '200000' };

test('systemd hears of a runner that it is up, alive, reloading, mistaken, reloaded and at its end; of one that stands by, too', async () => {
  await using folder = await openFarmFolder();
  await using server = await openOwnDatabase(join(folder.path, 'd'), join(folder.path, 'r'));
  const config = await folder.write('runner.toml', 'maxRetries = 4\n');
  const data = join(folder.path, 'data');
  const start = (name: string, environment: NodeJS.ProcessEnv, ...more: string[]) =>
    startIolaus(
      [
        'runner',
        '--config-path',
        config,
        '--db-url',
        server.url,
        '--data-dir',
        data,
        '--rest-bind',
        '127.0.0.1:0',
        '--grpc-bind',
        join(folder.path, name),
        ...more,
      ],
      { environment },
    );
  using manager = openServiceManager();
  await using leader = start('one', { ...manager.environment, ...watchdog });
  await manager.told(/^READY=1 STATUS=Running$[^]*^WATCHDOG=1$/m);

  using other = openServiceManager();
  await using standby = start('two', { ...other.environment, ...watchdog }, '--standby');
  await other.told(/^READY=1 STATUS=Standing by$[^]*^WATCHDOG=1$/m);

  await folder.write('runner.toml', 'maxRetries = "many"\n');
  leader.signal('SIGHUP');
  await manager.told(/^RELOADING=1 MONOTONIC_USEC=\d+$[^]*^READY=1 STATUS=Reload failed ERRNO=1$/m);
  await folder.write('runner.toml', 'maxRetries = 9\n');
  leader.signal('SIGHUP');
  await manager.told(/^READY=1 STATUS=Configuration reloaded - Running$/m);
  assert.deepEqual(await readdir(data), ['build-logs', 'queue-runner']);
  leader.signal('SIGTERM');
  assert.equal((await leader.ended).status, 0);
  assert.ok(manager.heard().includes('STOPPING=1'));

  await other.told(/^READY=1 STATUS=Running$/m);
  standby.signal('SIGTERM');
  assert.equal((await standby.ended).status, 0);
  assert.ok(other.heard().includes('STOPPING=1'));
});

test('systemd hears of a builder what it builds; told to drain it finishes that, told to stop it does not', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  const start = (environment: NodeJS.ProcessEnv) =>
    startIolaus(
      [
        'builder',
        '--gateway-endpoint',
        runner.endpoint,
        '--state-dir',
        join(farm.folder, 'builder'),
      ],
      { environment: { ...farm.daemon.environment, ...environment, ...watchdog } },
    );
  using manager = openServiceManager();
  await using draining = start(manager.environment);
  await manager.told(/^READY=1 STATUS=Running$/m);
  const gate = makeGate(farm.folder, 'gate');
  const finished = await farm.queue('finished', `${gate.wait}; echo > $out`);
  await manager.told(/^STATUS=Building 1 drvs: .*finished\.drv$[^]*^WATCHDOG=1$/m);
  draining.signal('SIGUSR2');
  await gate.open();
  assert.equal((await draining.ended).status, 0);
  assert.ok(manager.heard().includes('STOPPING=1'));
  assert.equal(await farm.statusOf(finished.build), 0);

  using other = openServiceManager();
  await using stopping = start(other.environment);
  const never = makeGate(farm.folder, 'never');
  const stopped = await farm.queue('stopped', `${never.wait}; echo > $out`);
  await other.told(/^STATUS=Building 1 drvs: .*stopped\.drv$/m);
  stopping.signal('SIGTERM');
  assert.equal((await stopping.ended).status, 0);
  assert.ok(other.heard().includes('STOPPING=1'));
  await until(async () => (await farm.steps(stopped.build)).find(({ status }) => status !== null));
});

test('two builders do not work in one folder, whose name both would show', async () => {
  await using farm = await openLiveFarm();
  const words = ['builder', '--gateway-endpoint', `unix://${farm.folder}/none`];
  const start = () =>
    startIolaus([...words, '--state-dir', join(farm.folder, 'builder')], {
      environment: farm.daemon.environment,
    });
  await using first = start();
  await first.told(/building for/);
  await using second = start();
  const { status, stderr } = await second.ended;
  assert.equal(status, 2);
  assert.match(stderr, /another builder has the lock .*builder\/lock\nStop it first/);
  first.signal('SIGTERM');
  assert.equal((await first.ended).status, 0);
});
