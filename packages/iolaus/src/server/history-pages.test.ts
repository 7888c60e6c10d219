import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { BuildOutcome } from '../farm/outcome.ts';
import { complaintsOfAxe } from './testing/axe.ts';
import { browse } from './testing/browse.ts';
import { openPage, overflowOf } from './testing/open-browser.ts';
import { writeDerivation } from './testing/write-derivation.ts';

// In a suite, so that the server is gone before its database.
suite('the pages of evaluations and of what became of a job', () => {
  const site = browse({
    prepare: async (served) => {
      await evaluate({ app: 'succeeded', lib: 'succeeded' });
      await evaluate({ app: 'failed', lib: 'succeeded' });
      await writeDerivation(served.storeDirectory, 'app', ['lib']);
      await writeDerivation(served.storeDirectory, 'lib', []);
    },
  });
  const { at } = site;

  /** An evaluation whose jobs come out like this; each has a step. */
  async function evaluate(outcomes: Readonly<Record<string, BuildOutcome>>): Promise<void> {
    const builds = await site.served.scene.queue(Object.keys(outcomes));
    for (const [index, [name, outcome]] of Object.entries(outcomes).entries()) {
      const build = builds[index];
      assert.ok(build);
      const status = outcome === 'succeeded' ? 'succeeded' : 'failed';
      const number = await site.served.scene.startStep(build, name);
      await site.served.scene.writeLog(name, 'what it said\n');
      await site.served.scene.finishStep(build, number, status);
      await site.served.scene.finishBuild(build, outcome);
    }
  }

  test('an evaluation shows first what fails now, from where it is one click to since when', async () => {
    const { page } = site.watched;
    await page.goto(at('/evaluations'));
    await page.locator('.evaluations a').first().click();
    await page.locator('.group[aria-current]', { hasText: 'Newly failing 1' }).waitFor();
    await page.locator('.builds .name', { hasText: 'app' }).waitFor();
    assert.equal(await page.locator('.builds tbody tr').count(), 1);
    await page.locator('.group', { hasText: 'Still succeeding' }).click();
    await page.locator('.builds .name', { hasText: 'lib' }).waitFor();
    await page.goBack();
    await page.locator('.builds .name a', { hasText: 'app' }).click();
    await page.getByText('it fails since this build').waitFor();
    await page.getByLabel('Where you are').waitFor();
    await page.locator('.since-last-good a').first().click();
    await page.locator('.headline', { hasText: 'Succeeded' }).waitFor();
  });

  test('the steps of a build are drawn as a graph', async () => {
    const { page } = site.watched;
    await page.goto(at('/builds/3'));
    await page.locator('.step-graph summary').click();
    await page.locator('.step-box', { hasText: 'lib' }).waitFor();
    assert.equal(await page.locator('.step-box').count(), 2);
    assert.equal(await page.locator('.edge.critical').count(), 1);
    assert.deepEqual(await complaintsOfAxe(page, 'all'), []);
  });

  test('the log of a build that failed is read beside that of the last good one', async () => {
    const { page } = site.watched;
    await page.goto(at('/builds/3'));
    await page.getByText('Logs side by side').click();
    for (const name of ['The last good one', 'This one']) {
      await page.getByLabel(name).getByText('what it said').waitFor();
    }
    assert.deepEqual(await complaintsOfAxe(page, 'all'), []);
  });

  test('the steps of a build stand on a time line, beside where they were tried', async () => {
    const { page } = site.watched;
    const { scene, server } = site.served;
    const [build] = await scene.queue(['tool']);
    assert.ok(build);
    await scene.finishStep(build, await scene.startStep(build, 'tool-library'), 'succeeded');
    await scene.startStep(build, 'tool');
    await page.goto(`${server.url}/builds/${build}`);
    await page.locator('.timeline .bar.good', { hasText: 'tool-library' }).waitFor();
    await page.locator('.timeline .bar.active').click();
    await page.waitForURL(new RegExp(`/builds/${build}/steps/2$`));
  });

  test('everybody can read them, on a phone, too', async () => {
    const { page, complaints } = await openPage(site.browser, { width: 360, height: 740 });
    for (const path of ['/evaluations', '/evaluations/2', '/builds/3']) {
      await page.goto(at(path));
      await page.locator('table').first().waitFor();
      assert.equal(await overflowOf(page), 0, path);
      assert.deepEqual(await complaintsOfAxe(page, 'all'), [], path);
    }
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
