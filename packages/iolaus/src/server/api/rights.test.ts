import assert from 'node:assert/strict';
import test from 'node:test';
import { apiRoot, contract } from '../../api/contract.ts';
import type { Endpoint } from '../../api/contract.ts';
import type { Database } from '../../database/connection/connection.ts';
import { addUser, tokenOf } from '../testing/accounts.ts';
import { ask } from '../testing/ask.ts';
import type { Answer } from '../testing/ask.ts';
import { hashPassword } from '../rights/password.ts';
import { serveRunner } from '../testing/serve-runner.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

const endpoints = Object.entries<Endpoint>(contract);

type Headers = Record<string, string>;

const send = (
  { server }: ServedScene,
  method: string,
  path: string,
  headers: Headers = {},
  body?: object,
): Promise<Answer> =>
  ask(server.url, apiRoot + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(['POST', 'PATCH'].includes(method) ? { body: JSON.stringify(body) } : {}),
  });

const post = (served: ServedScene, path: string, headers: Headers, body?: object) =>
  send(served, 'POST', path, headers, body);

/** The path of an endpoint in a scene with one build. */
const pathOf = ({ path }: Endpoint): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    ['project', 'jobset', 'name'].includes(name) ? name : '1',
  );

const stateOf = (database: Database): Promise<object[]> =>
  database.query(
    `select b.finished, b.buildstatus, b.globalpriority, j.schedulingshares, (select count(*) from iolaus.credentials) as tokens
     from builds b join jobsets j on j.id = b.jobset_id`,
  );

test('who is unknown, or has no right, changes nothing on any address', async () => {
  await using runner = await serveRunner();
  await using served = await serveScene({ runnerUrl: runner.url });
  await served.scene.queue(['one']);
  await addUser(served.database, 'nobody');
  const unprivileged = await tokenOf(served.database, 'nobody');
  const before = await stateOf(served.database);
  for (const [name, endpoint] of endpoints) {
    if (endpoint.right === 'read') continue;
    const { method, right } = endpoint;
    const anonymous = await send(served, method, pathOf(endpoint), {}, {});
    assert.equal(anonymous.status, 401, name);
    if (right === 'account') continue;
    const refused = await send(served, method, pathOf(endpoint), unprivileged, {});
    assert.equal(refused.status, 403, name);
  }
  assert.deepEqual(await stateOf(served.database), before);
  assert.deepEqual(runner.changes, []);
});

test('what an unprivileged user does to a hidden project ends as if it were not there', async () => {
  await using served = await serveScene();
  await served.scene.queue(['one']);
  await served.database.query('update projects set hidden = 1');
  await addUser(served.database, 'nobody');
  const headers = await tokenOf(served.database, 'nobody');
  for (const [name, endpoint] of endpoints) {
    if (!/\{(project|evaluation|build)\}/.test(endpoint.path)) continue;
    const { status } = await send(served, endpoint.method, pathOf(endpoint), headers, {});
    assert.equal(status, 404, name);
  }
});

test('a member sees a hidden project and acts in it; nobody acts by a token that is not good for it', async () => {
  await using served = await serveScene();
  const { database, scene } = served;
  await scene.queue(['one']);
  await database.query('update projects set hidden = 1');
  await addUser(database, 'member');
  await database.query(`insert into projectmembers values ('project', 'member')`);
  const good = await tokenOf(database, 'member');
  const bad = await tokenOf(database, 'member', ['bump-to-front']);
  assert.equal((await send(served, 'GET', '/builds/1', good)).status, 200);
  assert.match((await send(served, 'GET', '/builds', good)).text, /"one"/);
  assert.equal((await post(served, '/builds/1/cancel', bad)).status, 403);
  assert.equal((await post(served, '/builds/1/cancel', good)).text, '{"builds":[1]}');
  assert.equal((await post(served, '/builds/1/cancel', good)).text, '{"builds":[]}');
});

test("Hydra's roles let their owners act everywhere", async () => {
  await using runner = await serveRunner();
  await using served = await serveScene({ runnerUrl: runner.url });
  const { database, scene } = served;
  await scene.queue(['one', 'two']);
  const roles = ['bump-to-front', 'cancel-build', 'restart-jobs'];
  await addUser(database, 'committer', roles);
  await addUser(database, 'admin', ['admin']);
  const committer = await tokenOf(database, 'committer');
  const admin = await tokenOf(database, 'admin');
  assert.equal((await post(served, '/builds/1/bump', committer)).text, '{"builds":[1]}');
  await scene.finishBuild((await scene.queue(['three']))[0] ?? assert.fail(), 'failed');
  const restart = { which: 'failed' };
  const restarted = await post(served, '/evaluations/2/restart', committer, restart);
  assert.equal(restarted.text, '{"builds":[3]}');
  const cancelled = await post(served, '/evaluations/1/cancel', committer);
  assert.deepEqual(JSON.parse(cancelled.text), { builds: [1, 2] });
  const hold = { hold: 'draining' };
  assert.equal((await post(served, '/builders/ares/hold', committer, hold)).status, 403);
  assert.equal((await post(served, '/builders/ares/hold', admin, hold)).status, 200);
  assert.deepEqual(runner.changes, [
    'POST /machines/hold {"hostname":"ares","hold":"draining","lasts":true}',
  ]);
  const shares = { schedulingShares: 7 };
  const set = await send(served, 'PATCH', '/projects/project/jobsets/jobset', admin, shares);
  assert.match(set.text, /"schedulingShares":7/);
});

test('a restart forgets that the outputs failed, and how many builds of the evaluation succeeded', async () => {
  await using served = await serveScene();
  const { database, scene } = served;
  const [build] = await scene.queue(['one']);
  assert.ok(build !== undefined);
  const step = await scene.startStep(build, 'one');
  await scene.finishStep(build, step, 'failed');
  await scene.finishBuild(build, 'failed');
  await database.query('insert into failedpaths select path from buildstepoutputs');
  await database.query(`insert into failedpaths values ('/nix/store/other')`);
  await database.query('update jobsetevals set nrsucceeded = 0');
  await addUser(database, 'admin', ['admin']);
  const headers = await tokenOf(database, 'admin');
  assert.equal((await post(served, '/builds/1/restart', headers)).text, '{"builds":[1]}');
  const [row] = await database.query(
    `select b.finished, e.nrsucceeded, (select array_agg(path) from failedpaths) as failed
     from builds b, jobsetevals e`,
  );
  assert.deepEqual(row, { finished: 0, nrsucceeded: null, failed: ['/nix/store/other'] });
});

test("a password of Hydra's begins a session, which acts for pages of ours only, until it ends", async () => {
  await using served = await serveScene();
  await served.scene.queue(['one']);
  await addUser(served.database, 'ada', ['admin'], await hashPassword('secret'));
  const logIn = (username: string, password: string) =>
    post(served, '/login', {}, { username, password });
  const { headers } = await logIn('ada', 'secret');
  const [cookie = ''] = headers['set-cookie']?.[0]?.split(';') ?? [];
  assert.match(headers['set-cookie']?.[0] ?? '', /; HttpOnly; SameSite=Strict/);
  assert.match((await send(served, 'GET', '/account', { cookie })).text, /"username":"ada"/);
  assert.equal((await post(served, '/builds/1/bump', { cookie })).status, 403);
  const ours = { cookie, 'x-requested-with': 'iolaus' };
  assert.equal((await post(served, '/builds/1/bump', ours)).status, 200);
  assert.equal((await post(served, '/logout', ours)).status, 200);
  assert.equal((await send(served, 'GET', '/account', { cookie })).status, 401);
  assert.equal((await logIn('ada', 'wrong')).status, 403);
  assert.equal((await logIn('missing', 'secret')).status, 403);
});

test('a token is kept as a hash, ends when it is revoked or expires, and makes none that can more', async () => {
  await using served = await serveScene();
  const { database } = served;
  await addUser(database, 'admin', ['admin']);
  const headers = await tokenOf(database, 'admin', ['bump-to-front']);
  const made = await post(served, '/tokens', headers, {
    name: 'ci',
    scopes: ['bump-to-front'],
    days: 2,
  });
  const { id, secret }: { id: number; secret: string } = JSON.parse(made.text);
  const kept = await database.query(
    `select 1 from iolaus.credentials t where strpos(t::text, $1) > 0`,
    [secret],
  );
  assert.deepEqual(kept, []);
  const more = { name: 'more', scopes: ['cancel-build'], days: 2 };
  assert.equal((await post(served, '/tokens', headers, more)).status, 403);
  const shown = { authorization: `Bearer ${secret}` };
  assert.match((await send(served, 'GET', '/tokens', shown)).text, /"name":"ci"/);
  assert.equal((await send(served, 'DELETE', `/tokens/${id}`, headers)).status, 200);
  assert.equal((await send(served, 'GET', '/account', shown)).status, 401);
  await database.query('update iolaus.credentials set expiresat = 1');
  assert.equal((await send(served, 'GET', '/account', headers)).status, 401);
});

test('guessing passwords comes to an end', async () => {
  await using served = await serveScene();
  const statuses = new Set<number>();
  for (let attempt = 0; attempt < 40; attempt++) {
    const { status } = await post(served, '/login', {}, { username: 'a', password: 'b' });
    statuses.add(status);
  }
  assert.deepEqual([...statuses], [403, 429]);
});

test('a form of another site cannot act: what is no JSON is not read', async () => {
  await using served = await serveScene();
  const headers = { 'content-type': 'text/plain' };
  const { status } = await post(served, '/login', headers, { username: 'a', password: 'b' });
  assert.equal(status, 415);
});
