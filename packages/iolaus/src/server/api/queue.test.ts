import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Answer, Operation } from '../../api/contract.ts';
import { buildId } from '../../farm/identity.ts';
import { apiRoot } from '../../api/contract.ts';
import { ask, askJson } from '../testing/ask.ts';
import { serveRunner } from '../testing/serve-runner.ts';
import type { ServedRunner } from '../testing/serve-runner.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('the queue', () => {
  let runner: ServedRunner;
  let served: ServedScene;
  const get = <Name extends Operation>(path: string): Promise<Answer<Name>> =>
    askJson(served.server.url, apiRoot + path);

  before(async () => {
    runner = await serveRunner();
    served = await serveScene({ runnerUrl: runner.url });
    await served.scene.queue(['one', 'two']);
    await served.scene.finishBuild(
      (await served.scene.queue(['three']))[0] ?? assert.fail(),
      'failed',
    );
  });
  after(async () => {
    await served[Symbol.asyncDispose]();
    await runner[Symbol.asyncDispose]();
  });

  test('a step is told with those who want it', async () => {
    const { items, total } = await get<'listQueuedSteps'>(
      '/queue/steps?search=TW&system=x86_64-linux',
    );
    assert.equal(total, 1);
    assert.deepEqual(
      [items[0]?.name, items[0]?.build, items[0]?.jobsets],
      ['two', 2, [{ project: 'project', jobset: 'jobset' }]],
    );
    assert.equal((await get<'listQueuedSteps'>('/queue/steps?search=tow')).total, 0);
    assert.deepEqual((await get<'listQueuedSteps'>('/queue/steps?offset=1')).items, []);
  });

  test('its groups are counted, and a system knows how long it has to do', async () => {
    const [group] = (await get<'listQueueGroups'>('/queue/groups?by=jobset')).items;
    assert.deepEqual([group?.key, group?.runnable, group?.waiting], ['project:jobset', 1, 0]);
    const [system] = (await get<'listSystems'>('/queue/systems')).items;
    assert.deepEqual([system?.system, system?.secondsLeft], ['x86_64-linux', 15]);
    assert.equal((await get<'listNextSteps'>('/queue/next')).items[0]?.name, 'two');
  });

  test('why something waits is said in a sentence, with the machines that could build it', async () => {
    const { sentence, machines, place } = await get<'explainBuild'>('/builds/2/why');
    assert.match(sentence, /one machine that can build it is busy with what came first; 2 others/);
    assert.deepEqual(machines, [{ name: 'ares', reason: 'full', sentence: 'It is busy.' }]);
    assert.equal(place, 3);
    assert.match((await get<'explainBuild'>('/builds/3/why')).sentence, /finished: failed/);
    assert.match((await get<'explainBuild'>('/builds/1/why')).sentence, /not read it yet/);
  });

  test('attempts under way come before those that were over, and pages hold each once', async () => {
    const { scene } = served;
    const [one, two] = [buildId(1), buildId(2)];
    await scene.finishStep(one, await scene.startStep(one, 'early'), 'succeeded');
    await scene.startStep(one, 'one');
    await scene.startStep(two, 'two');
    const since = '/attempts?since=2026-01-01T00:00:00Z&machine=ares&limit=2';
    const first = await get<'listAttempts'>(since);
    const second = await get<'listAttempts'>(`${since}&cursor=${first.next}`);
    assert.deepEqual(
      [...first.items, ...second.items].map(({ build, number }) => [build, number]),
      [
        [2, 1],
        [1, 2],
        [1, 1],
      ],
    );
    assert.equal(second.next, null);
    assert.deepEqual(
      (await get<'listAttempts'>('/attempts?since=2999-01-01T00:00:00Z')).items.length,
      2,
    );
  });

  test('of hidden projects nothing is in it, nor counted', async () => {
    await served.database.query('update projects set hidden = 1');
    assert.equal((await get<'listQueuedSteps'>('/queue/steps')).total, 0);
    assert.deepEqual((await get<'listSystems'>('/queue/systems')).items, []);
    assert.deepEqual((await get<'listNextSteps'>('/queue/next')).items, []);
    const path = '/queue/steps/0123456789abcdfghijklmnpqrsvwxyz-two.drv/why';
    assert.equal((await ask(served.server.url, apiRoot + path)).status, 404);
  });
});
