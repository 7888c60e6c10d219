import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { apiRoot } from '../api/contract.ts';
import { ask } from './testing/ask.ts';
import { browse } from './testing/browse.ts';
import { derivationOf, outputOf } from './testing/scene.ts';
import { serveRunner } from './testing/serve-runner.ts';
import type { ServedScene } from './testing/serve-scene.ts';

const breakIn = `<img src=x onerror="document.title='broken in'"><script>document.title='broken in'</script>`;
const hostile = `"'</script>${breakIn}\u202egnp.\u001b[31m`;
const address = `javascript:document.title='broken in'`;

// In a suite, so that the server is gone before its database.
suite('a build that means harm by all that it can name', () => {
  const site = browse({
    startRunner: () => {
      const waiting = derivationOf('waiting').replace('/nix/store/', '');
      const row = ['x86_64-linux', 'runnable', 'free-slot', 1, 0, 100, 0, 2, [1], 0, 0, 30];
      return serveRunner({
        '/queue': [waiting, ...row],
        '/queue/next': { derivations: [waiting] },
        '/queue/speeds': { speeds: { [hostile]: 2 } },
        '/status/machines': {
          machines: {
            [hostile]: { systems: [hostile], maxJobs: 1, jobs: [], stats: { currentJobs: 0 } },
          },
        },
      });
    },
    prepare: playScene,
  });

  const pages = ['/', '/builds/1', '/builds/1/steps/1', '/evaluations', '/evaluations/1'];
  const others = ['/now', '/queue', '/queue?by=jobset', '/builders'];

  for (const path of [...pages, ...others]) {
    test(`runs nothing at ${path}`, async () => {
      const { page } = site.watched;
      await page.goto(site.at(path));
      await page.getByText('Live', { exact: true }).waitFor();
      await page.locator('main').getByText('broken in').first().waitFor();
      assert.equal(await page.locator('[onerror], [src=x], a[href^="javascript" i]').count(), 0);
      assert.equal(await page.locator('script:not([src], [type="application/json"])').count(), 0);
      assert.deepEqual(await page.evaluate(turnedAround), []);
      assert.notEqual(await page.title(), 'broken in');
    });
  }

  test('is data to whatever asks for data, and nothing that a browser would run', async () => {
    for (const path of ['/builds/1', '/builds/1/graph', '/evaluations/1', '/builders']) {
      const { headers, status } = await ask(site.served.server.url, apiRoot + path);
      assert.equal(status, 200, path);
      assert.match(headers['content-type'] ?? '', /^application\/json/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(String(headers['content-security-policy']), /default-src 'none'.*sandbox/);
      assert.equal(headers['referrer-policy'], 'no-referrer');
    }
  });
});

/** Elements whose text turns the direction of writing beyond itself. */
const turnedAround = `[...document.querySelectorAll('main *')]
  .filter(({ childNodes }) => [...childNodes].some(({ data = '' }) => data.includes('\\u202e')))
  .filter((element) => getComputedStyle(element).unicodeBidi !== 'isolate')
  .map(({ outerHTML }) => outerHTML)`;

async function playScene({ scene, database }: ServedScene): Promise<void> {
  const [build] = await scene.queue(['broken', 'waiting'], 'project');
  assert.ok(build !== undefined);
  const step = await scene.startStep(build, 'broken');
  await scene.writeLog('broken', `${hostile}\n`);
  await scene.finishStep(build, step, 'failed', hostile);
  await scene.finishBuild(build, 'failed');
  await scene.showResults({
    build,
    outputs: new Map([[hostile, outputOf('broken')]]),
    products: [
      {
        type: hostile,
        subtype: hostile,
        path: outputOf('broken'),
        name: hostile,
        defaultPath: hostile,
        fileSize: 1,
        sha256: hostile,
      },
    ],
    metrics: [{ name: hostile, unit: hostile, value: 1 }],
  });
  await database.query(
    `update builds set job = $1, nixname = $1, description = $1, homepage = $2, license = $1, releasename = $1, system = $1`,
    [hostile, address],
  );
  await database.query('update buildsteps set machine = $1, system = $1', [hostile]);
  await database.query('update jobsets set name = $1, errormsg = $1', [hostile]);
  await database.query('update projects set displayname = $1, homepage = $2', [hostile, address]);
}
