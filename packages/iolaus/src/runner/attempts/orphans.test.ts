import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivationPath } from '@iolaus/nix';
import { systemClock } from '../../clock/system-clock.ts';
import { insertGrants } from '../../database/steps/grants.ts';
import { insertBusySteps } from '../../database/steps/insert-busy-steps.ts';
import { testDatabase } from '../../database/testing.ts';
import { busyStep, grantOf, queueBuilds } from '../../database/testing-farm.ts';
import { attemptNumber, builderId } from '../../farm/identity.ts';
import type { BuildId } from '../../farm/identity.ts';
import { createLogger } from '../../logging/logger.ts';
import { until } from '../../testing/live-farm.ts';
import { Attempts } from './attempts.ts';
import { closeOrphans, sweepOrphans } from './orphans.ts';

type Row = { readonly name: string; readonly status: number | null; readonly message: string };

async function openScene() {
  await using opening = new AsyncDisposableStack();
  const { database } = opening.use(await testDatabase());
  let uuids = 0;
  const makeUuid = (): string =>
    `00000000-0000-4000-8000-${String((uuids += 1)).padStart(12, '0')}`;
  const attempts = new Attempts(makeUuid, systemClock);
  const open = opening.move();
  return {
    database,
    attempts,
    /** An attempt of a builder that cannot come back. */
    begin: (build: BuildId, stepNumber: number | undefined): void => {
      const attempt = attemptNumber(attempts.count + 1);
      attempts.add({
        attempt,
        build,
        derivation: derivationPath(`${'0'.repeat(32)}-x.drv`),
        builder: builderId('ant'),
        hostname: 'ant',
        isGranted: false,
        startedAt: 0,
        timeoutSeconds: 0,
        maxSilentSeconds: 0,
      });
      const live = attempts.byNumber(attempt) ?? assert.fail();
      live.stepNumber = stepNumber;
    },
    rows: (): Promise<Row[]> =>
      database.query<Row>(
        `select substring(drvpath from '([^-]*)[.]drv$') as name, status, errormsg as message
         from buildsteps where busy = 0`,
      ),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

test("rows of a grant, of an attempt, and of a build where an attempt begins are nobody else's", async () => {
  await using scene = await openScene();
  const { database, attempts } = scene;
  const [one, other] = await queueBuilds(database, ['one', 'other']);
  assert.ok(one !== undefined && other !== undefined);
  await database.transaction(async (transaction) => {
    await insertBusySteps(transaction, [
      ...['granted', 'lives', 'orphan'].map((name) => busyStep(one, name)),
      busyStep(other, 'begins'),
    ]);
    await insertGrants(transaction, [grantOf(one, 1)]);
  });
  scene.begin(one, 2);
  scene.begin(other, undefined);
  const close = (): Promise<number> =>
    closeOrphans({ database, attempts, clock: systemClock }, 'nobody works on it');
  assert.equal(await close(), 1);
  assert.deepEqual(await scene.rows(), [
    { name: 'orphan', status: 3, message: 'nobody works on it' },
  ]);
  assert.equal(await close(), 0);
});

test('every three minutes rows that another program left busy are closed, and nobody is told', async () => {
  await using scene = await openScene();
  const { database, attempts } = scene;
  const waits: number[] = [];
  let pass = (): void => {};
  const clock = {
    ...systemClock,
    after: (milliseconds: number, act: () => void) => {
      waits.push(milliseconds);
      pass = act;
      return () => {};
    },
  };
  const lines: string[] = [];
  const logger = createLogger({
    program: 'runner',
    level: 'info',
    destination: { isTerminal: false, write: (text) => void lines.push(text) },
  });
  const told: string[] = [];
  const listener = await database.listen(
    ['step_finished', 'build_finished'],
    (_, payload) => void told.push(payload),
    () => {},
  );
  await using _sweep = sweepOrphans({ database, attempts, clock, logger });
  const [build] = await queueBuilds(database, ['one']);
  assert.ok(build !== undefined);
  for (const [turn, name] of ['first', 'second'].entries()) {
    await database.transaction((transaction) =>
      insertBusySteps(transaction, [busyStep(build, name)]),
    );
    pass();
    await until(() => waits.length === turn + 2);
  }
  const row = { status: 3, message: 'nobody works on it' };
  assert.deepEqual(await scene.rows(), [
    { name: 'first', ...row },
    { name: 'second', ...row },
  ]);
  assert.deepEqual(waits, [180_000, 180_000, 180_000]);
  assert.match(lines.join(''), /"count":1.*\n.*"count":1/);
  await database.query(`select pg_notify('build_finished', 'the last word')`);
  await until(() => told.length > 0);
  assert.deepEqual(told, ['the last word']);
  await listener.close();
});
