import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { insertUploads, postponeUpload, readUploads } from '../database/uploads.ts';
import { addUser } from './testing/accounts.ts';
import { complaintsOfAxe } from './testing/axe.ts';
import { browse, desktop } from './testing/browse.ts';
import { serveBusyRunner } from './testing/busy-farm/busy-farm.ts';
import { playPast } from './testing/busy-farm/past.ts';
import { hashPassword } from './rights/password.ts';
import { openPage, overflowOf } from './testing/open-browser.ts';

const steps = 5_000;

// In a suite, so that the server is gone before its database.
suite('the pages of the farm in a browser', () => {
  const site = browse({
    startRunner: () => serveBusyRunner(steps),
    prepare: async (served) => {
      await playPast(served.database, served.scene);
      await addUser(served.database, 'penelope', ['operate'], await hashPassword('odyssey'));
    },
  });
  const { at } = site;

  test('what runs is drawn beside its machine, and what begins turns up by itself', async () => {
    const { page } = site.watched;
    await page.goto(at('/now'));
    const row = page.locator('.machine-rows li', { hasText: 'ares' });
    const running = row.locator('.bar.active');
    await running.first().waitFor();
    assert.equal(await running.count(), 3);
    await page.locator('.depth tr', { hasText: 'x86_64-linux' }).waitFor();
    await page.locator('.next-steps tr').nth(11).waitFor();
    const [build] = await site.served.scene.queue(['begun-just-now'], 'fresh');
    assert.ok(build);
    const now = Math.floor(Date.now() / 1000);
    await site.served.scene.startStep(build, 'begun-just-now', 'building', now - 100);
    await row.getByText('begun-just-now').click();
    await page.waitForURL(new RegExp(`/builds/${build}/steps/1$`));
  });

  test('the queue scrolls to its end with few rows in the document', async () => {
    const { page } = site.watched;
    await page.goto(at('/queue'));
    await page.getByText('5,000 steps').waitFor();
    await page.evaluate("document.querySelector('.scroller').scrollTo(0, 1e9)");
    await page.locator(`.scroller [aria-rowindex="${steps + 1}"] .name`).waitFor();
    assert.ok((await page.locator('.scroller .row').count()) < 80);
  });

  test('the queue shows what one types, and opens group by group', async () => {
    const { page } = site.watched;
    await page.goto(at('/queue'));
    await page.getByText('5,000 steps').waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('rustc-1.84.0');
    await page.getByText('1 step', { exact: true }).waitFor();
    await page.locator('.scroller .name', { hasText: 'rustc-1.84.0' }).waitFor();
    await page.goto(at('/queue?by=system'));
    const heading = page.getByRole('button', { name: 'aarch64-darwin' });
    await heading.click();
    await page.locator('.scroller .system', { hasText: 'aarch64-darwin' }).first().waitFor();
    assert.equal(await page.locator('.scroller .system', { hasText: 'x86_64' }).count(), 0);
    await heading.click();
    await page.locator('.scroller .system').first().waitFor({ state: 'detached' });
  });

  test('what could not be published is shown with the reason, and tried again', async () => {
    const { database } = site.served;
    const derivations = ['hello', 'other'].map((name) => `${'0'.repeat(32)}-${name}.drv`);
    await database.transaction((transaction) =>
      insertUploads(
        transaction,
        ['s3://cache?region=x'],
        derivations.map((derivation) => ({ derivation, outputs: [`${'1'.repeat(32)}-out`] })),
      ),
    );
    for (const { id } of await readUploads(database, 'all'))
      await postponeUpload(database, {
        id,
        notBefore: 0,
        error: '403 InvalidAccessKeyId',
        isGivenUp: true,
      });
    const { page } = site.watched;
    await page.goto(at('/now'));
    await page.getByRole('link', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('User name').fill('penelope');
    await page.getByLabel('Password').fill('odyssey');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const row = page.getByRole('row', { name: 'hello' });
    assert.match(await row.innerText(), /s3:\/\/cache\s+1\s+403 InvalidAccessKeyId/);
    assert.deepEqual(await complaintsOfAxe(page, 'all'), []);
    await row.getByRole('button', { name: 'Try again' }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Try all again' }).click();
    await page.getByRole('heading', { name: 'Not published' }).waitFor({ state: 'detached' });
    assert.deepEqual(await readUploads(database, 'given-up'), []);
  });

  test('a machine in quarantine shows what speaks against it', async () => {
    const { page } = site.watched;
    await page.goto(at('/builders'));
    await page.locator('tr', { hasText: 'hephaestus' }).getByText('Quarantined').waitFor();
    await page.getByRole('link', { name: 'hephaestus' }).click();
    await page.getByLabel('What speaks against it').getByText('3 times in a row').waitFor();
    await page.locator('.attempts').waitFor();
  });

  test('who has signed in and may, drains a machine', async () => {
    const { page } = site.watched;
    await page.goto(at('/builders/ares'));
    await page.getByText('Sign in to pause or drain it').click();
    await page.getByLabel('User name').fill('penelope');
    await page.getByLabel('Password').fill('odyssey');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.account', { hasText: 'penelope' }).waitFor();
    const answered = page.waitForResponse('**/hold');
    await page.getByRole('button', { name: 'Drain' }).click();
    assert.equal((await answered).status(), 200);
    assert.deepEqual(site.runner.changes, [
      'POST /machines/hold {"hostname":"ares","hold":"draining","lasts":true}',
    ]);
    await page.goto(at('/account'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('one search finds machines, jobs, builds and steps', async () => {
    const { page } = site.watched;
    await page.goto(at('/now'));
    await page.locator('.next-steps').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('gcc');
    for (const kind of ['Job', 'Build', 'Step']) {
      await page.locator('[role=option]', { hasText: kind }).first().waitFor();
    }
    await page.getByLabel('Search everything').last().fill('hephaestus');
    await page.getByRole('option').getByText('hephaestus').waitFor();
    await page.locator('[role=option]').nth(1).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'hephaestus' }).waitFor();
  });

  const pages = [
    ['/now', '.next-steps'] as const,
    ['/queue', '.scroller .name a[href]'] as const,
    ['/queue?by=reason', '.heading'] as const,
    ['/builders', '.gauge'] as const,
    ['/builders/hephaestus', '.evidence'] as const,
    ['/account', '.sheet'] as const,
    ['/', '.builds'] as const,
    ['/builds/31', '.facts'] as const,
  ];

  test('axe finds nothing on any page', async () => {
    const { page } = site.watched;
    for (const [path, sign] of pages) {
      await page.goto(at(path));
      await page.locator(sign).first().waitFor();
      assert.deepEqual(await complaintsOfAxe(page, 'all'), [], path);
    }
  });

  test('in the dark, too, everything can be read', async () => {
    const { page } = await openPage(site.browser, { ...desktop, dark: true });
    for (const path of ['/now', '/builders/hephaestus', '/']) {
      await page.goto(at(path));
      await page.locator('table').first().waitFor();
      assert.deepEqual(await complaintsOfAxe(page, 'color-contrast'), [], path);
    }
    await page.context().close();
  });

  test('no page is wider than a phone', async () => {
    const { page, complaints } = await openPage(site.browser, { width: 360, height: 740 });
    for (const [path, sign] of pages) {
      await page.goto(at(path));
      await page.locator(sign).first().waitFor();
      assert.equal(await overflowOf(page), 0, path);
    }
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('nothing jumps while a page comes', async () => {
    const { page } = site.watched;
    await page.addInitScript(`
      window.jumped = [];
      const tell = ({ node }) => node?.outerHTML?.slice(0, 200) ?? String(node);
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
          if (value > 0.005) window.jumped.push(...sources.map(tell));
        }
      }).observe({ type: 'layout-shift', buffered: true });
    `);
    for (const [path, sign] of pages) {
      await page.goto(at(path));
      await page.locator(sign).first().waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
      assert.deepEqual(await page.evaluate('window.jumped'), [], path);
    }
  });
});
