import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import type { IolausProcess } from '../../testing/iolaus-process.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

const endpointOf = (farm: LiveFarm, name: string): string => `unix://${join(farm.folder, name)}`;

function startRunnerProcess(farm: LiveFarm, name: string, ...more: string[]): IolausProcess {
  return startIolaus(
    [
      'runner',
      '--db-url',
      farm.databaseUrl,
      '--data-dir',
      farm.folder,
      '--grpc-bind',
      join(farm.folder, name),
      '--rest-bind',
      '127.0.0.1:0',
      ...more,
    ],
    { environment: farm.daemon.environment },
  );
}

test('a runner that stands by takes over when the leader is killed; builds go on, and nothing is built twice', async () => {
  await using farm = await openLiveFarm();
  await using leader = startRunnerProcess(farm, 'one');
  await leader.told(/iolaus runner: unix/);
  await using standby = startRunnerProcess(farm, 'two', '--standby');
  await standby.told(/standing by/);
  const ways = [endpointOf(farm, 'one'), endpointOf(farm, 'two')].join(',');
  await using _builder = await farm.startBuilder(ways);
  const gate = makeGate(farm.folder, 'gate');
  const trace = join(farm.folder, 'trace');
  const script = `echo before; echo start >> ${trace}; ${gate.wait}; echo after; echo > $out`;
  const build = await farm.queue('led', script);
  await until(() => readFile(trace).catch(() => null));

  leader.signal('SIGKILL');
  await standby.told(/iolaus runner: unix/);
  const late = await farm.queue('late', 'echo > $out');
  assert.equal(await farm.statusOf(late.build), 0);
  await gate.open();
  assert.equal(await farm.statusOf(build.build), 0);
  assert.equal((await farm.steps(build.build)).length, 1);
  assert.equal(await readFile(trace, 'utf8'), 'start\n');
  assert.equal(await farm.logOf(build), 'before\nafter\n');

  standby.signal('SIGTERM');
  assert.equal((await standby.ended).status, 0);
});

test('a leader that stands still is followed, and does nothing more when it wakes', async () => {
  await using farm = await openLiveFarm();
  await using leader = startRunnerProcess(farm, 'one');
  await leader.told(/iolaus runner: unix/);
  const elsewhere = ['--data-dir', join(farm.folder, 'elsewhere')];
  await using standby = startRunnerProcess(farm, 'two', '--standby', ...elsewhere);
  await standby.told(/standing by/);
  leader.signal('SIGSTOP');
  await standby.told(/iolaus runner: unix/);
  await using _builder = await farm.startBuilder(endpointOf(farm, 'two'));
  const late = await farm.queue('late', 'echo > $out');
  assert.equal(await farm.statusOf(late.build), 0);

  leader.signal('SIGCONT');
  const { status, stderr } = await leader.ended;
  assert.equal(status, 1);
  assert.match(stderr, /another runner has taken over/);
});

test('who stands by can be stopped', async () => {
  await using farm = await openLiveFarm();
  await using leader = startRunnerProcess(farm, 'one');
  await leader.told(/iolaus runner: unix/);
  await using standby = startRunnerProcess(farm, 'two', '--standby');
  await standby.told(/standing by/);
  standby.signal('SIGTERM');
  assert.equal((await standby.ended).status, 0);
});
