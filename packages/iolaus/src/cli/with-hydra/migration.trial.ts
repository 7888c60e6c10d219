import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProgram } from '../../testing/child-program.ts';
import { until } from '../../testing/live-farm.ts';
import { openMixedFarm } from '../../testing/hydra/mixed-farm.ts';
import type { MixedFarm } from '../../testing/hydra/mixed-farm.ts';
import { hydraPrograms, ownBuilder, ownRunner } from '../../testing/hydra/programs.ts';

const hydra = hydraPrograms();

async function assertBuilds({ farm }: MixedFarm, name: string): Promise<void> {
  const { build } = await farm.queue(name, `echo ${name} > $out`);
  await farm.database.query("select pg_notify('builds_added', '?')");
  assert.equal(await farm.statusOf(build), 0);
}

const hasOwnSchema = async ({ farm }: MixedFarm): Promise<boolean> =>
  (await farm.database.query("select from pg_namespace where nspname = 'iolaus'")).length > 0;

const dropOwnSchema = ({ farm }: MixedFarm): Promise<unknown> =>
  farm.database.query('drop schema iolaus cascade');

test('the way of docs/migrating.md, there and back: the builder, the check, the runner, and nothing left in the end', async () => {
  await using mixed = await openMixedFarm('token over TCP');
  await dropOwnSchema(mixed);
  const theirs = await mixed.startRunner(hydra.runner);
  const theirBuilder = await mixed.startBuilder(hydra.builder);
  await assertBuilds(mixed, 'before');

  await theirBuilder[Symbol.asyncDispose]();
  await using _builder = await mixed.startBuilder(ownBuilder);
  await assertBuilds(mixed, 'our-builder');

  const check = startProgram([...ownRunner.command, '-c', mixed.runnerFile, '--check']);
  assert.match((await check.ended).stderr, /will do, and so will the database/);
  assert.equal(await hasOwnSchema(mixed), false);

  await theirs[Symbol.asyncDispose]();
  const ours = await mixed.startRunner(ownRunner);
  const ask = async (path: string): Promise<string> => (await fetch(mixed.rest + path)).text();
  await until(async () => /"machinesCount":1/.test(await ask('/status/machines')));
  await assertBuilds(mixed, 'our-runner');
  assert.match(await ask('/metrics'), /^hydraqueuerunner_steps_started 1$/m);

  ours.signal('SIGTERM');
  assert.equal((await ours.ended).status, 0);
  await using _again = await mixed.startRunner(hydra.runner);
  await assertBuilds(mixed, 'back');
  await dropOwnSchema(mixed);
  await assertBuilds(mixed, 'after');
});
