import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeGate } from '../../builder/testing/gate.ts';
import { buildId } from '../../farm/identity.ts';
import type { ServedRunner } from '../../runner/runner.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';

/** Runs `iolaus steer`; returns what it prints. */
async function steer(
  { restUrl }: ServedRunner,
  command: string,
  ...parameters: readonly (string | number)[]
): Promise<string> {
  const words = ['steer', command, ...parameters.map(String), '--runner', restUrl ?? ''];
  const { status, stdout, stderr } = await startIolaus(words).ended;
  assert.equal(status, 0, stderr);
  return stdout;
}

test('machines that are held and emergencies outlive the runner that was told', async () => {
  await using farm = await openLiveFarm();
  const trace = join(farm.folder, 'trace');
  const leave = (name: string): string => `echo ${name} >> ${trace}; echo > $out`;
  const first = await farm.startRunner();
  await steer(first, 'hold', 'ares');
  const usual = await farm.queue('usual', leave('usual'));
  const urgent = await farm.queue('urgent', leave('urgent'));
  await until(() => first.view.hasBuild(buildId(urgent.build)));
  await steer(first, 'emergency', '--build', urgent.build);
  await first[Symbol.asyncDispose]();

  await using second = await farm.startRunner();
  await using _builder = await farm.startBuilder(second.endpoint, { settings: { maxJobs: 1 } });
  await until(() =>
    [...second.sight.farm.survey.builders()].some(({ closed }) => closed === 'paused-by-hand'),
  );
  assert.equal(
    await steer(second, 'orders'),
    `build ${urgent.build}  goes first\nares     paused\n`,
  );
  await until(() => second.view.hasBuild(buildId(usual.build)));
  await steer(second, 'release', 'ares');
  assert.equal(await farm.statusOf(urgent.build), 0);
  assert.equal(await farm.statusOf(usual.build), 0);
  assert.equal(await readFile(trace, 'utf8'), 'urgent\nusual\n');
  assert.equal(await steer(second, 'orders'), 'Nobody has asked for anything.\n');
  assert.deepEqual(await farm.database.query('select id from iolaus.emergencies'), []);
});

test('an emergency stops what is in its way, which then begins again', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint, { settings: { maxJobs: 1 } });
  const gate = makeGate(farm.folder, 'gate');
  const trace = join(farm.folder, 'trace');
  const long = await farm.queue('long', `echo begun >> ${trace}; ${gate.wait}; echo > $out`);
  await until(() => readFile(trace).catch(() => null));
  const urgent = await farm.queue('urgent', 'echo > $out');
  await until(() => runner.view.hasBuild(buildId(urgent.build)));
  await steer(runner, 'emergency', '--build', urgent.build, '--preempt');
  assert.equal(await farm.statusOf(urgent.build), 0);
  await gate.open();
  assert.equal(await farm.statusOf(long.build), 0);
  const steps = await farm.steps(long.build);
  const ends = steps.map(({ status, message }) => [status, message]);
  assert.deepEqual(ends, [
    [3, 'made way for an emergency'],
    [0, null],
  ]);
});

test('what failed is not tried again until somebody wants it to be', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner({ failedPathsTtlInS: 3_600 });
  await using _builder = await farm.startBuilder(runner.endpoint);
  const queueBroken = async (): Promise<number> =>
    (await farm.queue('broken', 'echo no; exit 1')).build;
  const first = await queueBroken();
  assert.equal(await farm.statusOf(first), 1);
  const second = await queueBroken();
  assert.equal(await farm.statusOf(second), 1);
  const rowsOf = (build: number) =>
    farm.database.query(
      `select s.status, s.machine, s.starttime, s.propagatedfrom as origin, b.iscachedbuild as cached
       from buildsteps s join builds b on b.id = s.build where b.id = $1 order by s.stepnr`,
      [build],
    );
  const cached = { status: 8, machine: '', starttime: null, origin: first, cached: 1 };
  assert.deepEqual(await rowsOf(second), [cached]);

  const said = await steer(runner, 'try-again', '--build', second);
  assert.equal(said, '1 path may be tried again.\n');
  const third = await queueBroken();
  assert.equal(await farm.statusOf(third), 1);
  const [tried] = await farm.steps(third);
  assert.equal(tried?.status, 1);

  await farm.database.query('update builds set finished = 0, iscachedbuild = 0 where id = $1', [
    second,
  ]);
  await farm.database.query('notify builds_restarted');
  await until(
    async () => (await rowsOf(second)).length === 2 && (await farm.statusOf(second)) === 1,
  );
  assert.deepEqual(
    (await farm.steps(second)).map(({ status }) => status),
    [8, 1],
  );
});
