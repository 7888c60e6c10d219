import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../../api/client.ts';
import type { ApiClient } from '../../api/client.ts';
import { serveScene as serveRealRunner } from '../../runner/http/testing/serve-scene.ts';
import { addUser, tokenOf } from '../testing/accounts.ts';
import { serveRunner } from '../testing/serve-runner.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

async function clientOf(
  { database, server }: ServedScene,
  name: string,
  roles: readonly string[],
): Promise<ApiClient> {
  await addUser(database, name, roles);
  const { authorization } = await tokenOf(database, name);
  return createClient({ url: server.url, token: authorization.replace('Bearer ', '') });
}

const refused = (status: number, words: RegExp) => (error: unknown) =>
  error instanceof Error &&
  'status' in error &&
  error.status === status &&
  words.test(error.message);

test('work is put before all other by whoever has the right to, and a token of the runner’s is shown to it', async () => {
  await using runner = await serveRealRunner({ emergencyTokens: ['for emergencies'] });
  await using served = await serveScene({ runnerUrl: runner.url, runnerToken: 'for emergencies' });
  await served.scene.queue(['one']);
  const firefighter = await clientOf(served, 'firefighter', ['emergency']);
  const operator = await clientOf(served, 'operator', ['operate', 'bump-to-front', 'restart-jobs']);
  const build = { address: { build: 1 } };
  const evaluation = { address: { evaluation: 1 } };
  await assert.rejects(
    operator.ask('declareBuildEmergency', { ...build, body: {} }),
    refused(403, /“emergency”/),
  );
  await firefighter.ask('declareBuildEmergency', { ...build, body: { preempts: true } });
  await firefighter.ask('declareEvaluationEmergency', { ...evaluation, body: {} });
  await firefighter.ask('endBuildEmergency', build);
  await firefighter.ask('endEvaluationEmergency', evaluation);
  await operator.ask('releaseBuilder', { address: { name: 'ares' } });
  const [ofBuild, ofEvaluation] = [
    { type: 'build', build: 1 },
    { type: 'evaluation', evaluation: 1 },
  ];
  assert.deepEqual(runner.asked, [
    { type: 'emergency-declared', emergency: { subject: ofBuild, preempts: true } },
    { type: 'emergency-declared', emergency: { subject: ofEvaluation, preempts: false } },
    { type: 'emergency-ended', subject: ofBuild },
    { type: 'emergency-ended', subject: ofEvaluation },
    { type: 'host-pardoned', hostname: 'ares' },
  ]);
  await assert.rejects(
    operator.ask('holdBuilder', { address: { name: 'ares' }, body: { hold: null } }),
    refused(404, /The runner refuses: there is no such host\./),
  );
});

test('without the token the runner takes no emergency, and nobody is told that it did', async () => {
  await using runner = await serveRealRunner({ emergencyTokens: ['for emergencies'] });
  await using served = await serveScene({ runnerUrl: runner.url });
  await served.scene.queue(['one']);
  const admin = await clientOf(served, 'admin', ['admin']);
  await assert.rejects(
    admin.ask('declareBuildEmergency', { address: { build: 1 }, body: {} }),
    refused(503, /does not answer, or refuses/),
  );
  assert.deepEqual(runner.asked, []);
});

test('emergencies of a hidden project are told to its members only', async () => {
  await using runner = await serveRunner();
  await using served = await serveScene({ runnerUrl: runner.url });
  const { database, scene, server } = served;
  await scene.queue(['one', 'two']);
  await database.query('update projects set hidden = 1');
  const member = await clientOf(served, 'member', []);
  const stranger = await clientOf(served, 'stranger', []);
  await database.query(`insert into projectmembers values ('project', 'member')`);
  const own = await member.ask('listEmergencies');
  assert.deepEqual(own.items, [{ subject: 'build', id: 2, preempts: true }]);
  for (const client of [stranger, createClient({ url: server.url })]) {
    assert.deepEqual(await client.ask('listEmergencies'), { items: [] });
  }
});
