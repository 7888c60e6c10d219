import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { apiRoot } from '../../api/contract.ts';
import type { Answer, Operation } from '../../api/contract.ts';
import type { BuildId } from '../../farm/identity.ts';
import type { BuildOutcome } from '../../farm/outcome.ts';
import { askJson } from '../testing/ask.ts';
import { derivationOf } from '../testing/scene.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';
import { writeDerivation } from '../testing/write-derivation.ts';

// In a suite, so that the server is gone before its database.
suite('the history of a job', () => {
  let served: ServedScene;
  const get = <Name extends Operation>(path: string): Promise<Answer<Name>> =>
    askJson(served.server.url, apiRoot + path);

  before(async () => {
    served = await serveScene();
  });
  after(() => served[Symbol.asyncDispose]());

  async function build(outcome: BuildOutcome): Promise<BuildId> {
    const [id] = await served.scene.queue(['app']);
    assert.ok(id !== undefined);
    await served.scene.finishBuild(id, outcome);
    return id;
  }

  test('since when a job fails is told; what was aborted says nothing of it', async () => {
    await build('failed');
    const good = await build('succeeded');
    await build('aborted');
    const bad = await build('failed');
    const last = await build('failed');
    const found = await get<'readFirstBad'>(`/builds/${last}/first-bad`);
    assert.deepEqual([found.lastGood?.id, found.firstBad?.id], [good, bad]);
    const none = await get<'readFirstBad'>(`/builds/${good}/first-bad`);
    assert.equal(none.firstBad, null);
  });

  test('a build is compared with the last good one of its job, inputs too', async () => {
    const last = await build('failed');
    await served.database.query('update builds set drvpath = $1 where id = $2', [
      derivationOf('app-2'),
      last,
    ]);
    await writeDerivation(served.storeDirectory, 'app', ['lib-1.0', 'old']);
    await writeDerivation(served.storeDirectory, 'app-2', ['lib-1.1', 'new']);
    const { with: good, inputs } = await get<'compareBuild'>(`/builds/${last}/difference`);
    assert.equal(good.status, 'succeeded');
    const name = (of: string): string => basename(derivationOf(of));
    assert.deepEqual(inputs, {
      added: [name('new')],
      removed: [name('old')],
      changed: [{ name: 'lib', before: name('lib-1.0'), after: name('lib-1.1') }],
    });
  });

  test('the graph of a build has its steps, and the longest way through them', async () => {
    const { scene } = served;
    await writeDerivation(served.storeDirectory, 'top', ['left', 'right', 'there-already']);
    await writeDerivation(served.storeDirectory, 'left', ['deep']);
    for (const name of ['right', 'deep']) await writeDerivation(served.storeDirectory, name, []);
    const [id] = await scene.queue(['top']);
    assert.ok(id !== undefined);
    for (const name of ['deep', 'left', 'right']) {
      await scene.finishStep(id, await scene.startStep(id, name), 'succeeded');
    }
    await scene.startStep(id, 'top');
    const { nodes, isCut, criticalSeconds } = await get<'readGraph'>(`/builds/${id}/graph`);
    assert.deepEqual(
      nodes.map(({ name, state, isCritical, inputs }) => [name, state, isCritical, inputs.length]),
      [
        ['top', 'leased', true, 2],
        ['left', 'finished', true, 1],
        ['right', 'finished', false, 0],
        ['deep', 'finished', true, 0],
      ],
    );
    assert.deepEqual([isCut, criticalSeconds], [false, 130]);
  });
});
