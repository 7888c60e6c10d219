import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addUser, tokenOf } from '../../server/testing/accounts.ts';
import { serveRunner } from '../../server/testing/serve-runner.ts';
import { serveScene } from '../../server/testing/serve-scene.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';

test('builds are listed, read, cancelled and restarted from afar', async () => {
  await using runner = await serveRunner();
  await using served = await serveScene({ runnerUrl: runner.url });
  const { database, scene, server } = served;
  const [build] = await scene.queue(['one', 'two']);
  assert.ok(build !== undefined);
  const step = await scene.startStep(build, 'one');
  await scene.writeLog('one', 'ä line\nanother\n');
  await scene.finishStep(build, step, 'failed');
  await scene.finishBuild(build, 'failed');
  await addUser(database, 'ada', ['admin']);
  const { authorization } = await tokenOf(database, 'ada');
  const environment = {
    IOLAUS_URL: server.url,
    IOLAUS_TOKEN: authorization.replace('Bearer ', ''),
  };
  const run = async (...parameters: string[]): Promise<string> => {
    const { status, stdout, stderr } = await runIolaus(parameters, { environment });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  assert.match(await run('ls', 'builds', '--status', 'failed'), /^1 +failed +x86_64-linux/m);
  assert.equal(JSON.parse(await run('ls', 'builders', '--json')).name, 'ares');
  assert.match(await run('why', '2'), /^The one machine .* busy .*\n(.*\n)*ares +It is busy\.$/m);
  assert.match(
    await run('ls', 'queue', '--search', 'tw'),
    /^\S+-two\.drv +x86_64-linux +runnable/m,
  );
  assert.equal(await run('log', '1'), 'ä line\nanother\n');
  assert.equal(await run('log', '1', '--follow'), 'ä line\nanother\n');
  assert.equal(await run('cancel', '1', '2'), 'build 1 left as it was\nbuild 2 cancelled\n');
  assert.equal(await run('restart', '1'), 'build 1 restarted\n');
  assert.equal(await run('cancel', '--evaluation', '1'), '1 build cancelled\n');
  assert.equal(await run('restart', '--evaluation', '1'), '2 builds restarted\n');
  assert.equal(await run('bump', '--evaluation', '1'), '2 builds bumped\n');
  assert.equal(await run('shares', 'project:jobset', '7'), 'project:jobset has 7 shares\n');
  assert.match(await run('ls', 'jobsets'), /^project +jobset +\S+ +7/m);
  assert.match(await run('ls', 'emergencies'), /^build +2 +true$/m);
  await run('emergency', '2', '--preempt');
  await run('emergency', '--evaluation', '1', '--end');
  assert.match(await run('builders', 'drain', 'ares'), /^ares finishes what it has begun/);
  await run('builders', 'release', 'ares');
  assert.deepEqual(runner.changes, [
    'POST /emergencies/declare {"subject":"build","id":2,"preempts":true}',
    'POST /emergencies/end {"subject":"evaluation","id":1}',
    'POST /machines/hold {"hostname":"ares","hold":"draining","lasts":true}',
    'POST /machines/pardon {"hostname":"ares"}',
  ]);
});

test('who may not is told what would help', async () => {
  await using served = await serveScene();
  await served.scene.queue(['one']);
  const environment = { IOLAUS_URL: served.server.url, IOLAUS_TOKEN: '' };
  const { status, stderr } = await runIolaus(['cancel', '1'], { environment });
  assert.equal(status, 1);
  assert.match(stderr, /IOLAUS_TOKEN/);
});
