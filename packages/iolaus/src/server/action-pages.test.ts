import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import { hashPassword } from './rights/password.ts';
import { addUser } from './testing/accounts.ts';
import { complaintsOfAxe } from './testing/axe.ts';
import { browse } from './testing/browse.ts';
import { serveRunner } from './testing/serve-runner.ts';

// In a suite, so that the server is gone before its database.
suite('what people do on the pages', () => {
  const site = browse({
    startRunner: () => serveRunner(farmInTrouble),
    prepare: async (served) => {
      const { database, scene } = served;
      await addUser(database, 'hera', ['admin'], await hashPassword('argos'));
      await addUser(database, 'iris', [], await hashPassword('rainbow'));
      const [broken, waiting] = await scene.queue(['broken', 'waiting']);
      assert.ok(broken !== undefined && waiting === 2);
      await scene.finishBuild(broken, 'failed');
    },
  });

  async function signInAs(name: string, password: string, path: string): Promise<Page> {
    const { page } = site.watched;
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto(site.at(path));
    await page.getByRole('link', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.account', { hasText: name }).waitFor();
    await page.waitForURL(`**${path}`);
    return page;
  }

  /** Presses a button, and has the server say that it was done. */
  async function press(page: Page, name: string, address: string): Promise<void> {
    const answered = page.waitForResponse(`**/api/v2${address}`);
    await page.getByRole('button', { name, exact: true }).click();
    assert.equal((await answered).status(), 200);
  }

  test('a build is restarted, bumped and cancelled, and its emergency ended', async () => {
    const page = await signInAs('hera', 'argos', '/builds/1');
    await press(page, 'Restart', '/builds/1/restart');
    await press(page, 'Bump', '/builds/1/bump');
    assert.deepEqual(await complaintsOfAxe(page, 'all'), []);
    await press(page, 'Cancel', '/builds/1/cancel');
    await page.getByRole('button', { name: 'Restart' }).waitFor();
    await page.goto(site.at('/builds/2'));
    await press(page, 'End emergency', '/builds/2/emergency');
    assert.equal(site.runner.changes.at(-1), 'POST /emergencies/end {"subject":"build","id":2}');
  });

  test('of an evaluation all are restarted, bumped, cancelled, put first; its jobset gets other shares', async () => {
    const page = await signInAs('hera', 'argos', '/evaluations/1');
    await press(page, 'Restart failed', '/evaluations/1/restart');
    await press(page, 'Emergency', '/evaluations/1/emergency');
    assert.match(
      site.runner.changes.at(-1) ?? '',
      /declare {"subject":"evaluation","id":1,"preempts":false}/,
    );
    await press(page, 'Bump', '/evaluations/1/bump');
    await page.getByLabel('Shares').fill('77');
    await press(page, 'Set', '/projects/project/jobsets/jobset');
    assert.deepEqual(await complaintsOfAxe(page, 'all'), []);
    await press(page, 'Cancel', '/evaluations/1/cancel');
    const rows = await site.served.database.query(
      `select array_agg(buildstatus order by id) as statuses, min(globalpriority) > 0 as bumped,
         (select schedulingshares from jobsets) as shares from builds`,
    );
    assert.deepEqual(rows, [{ statuses: [4, 4], bumped: true, shares: 77 }]);
    await press(page, 'Restart aborted', '/evaluations/1/restart');
    assert.deepEqual(await site.served.database.query('select distinct finished from builds'), [
      { finished: 0 },
    ]);
  });

  test('a machine is paused, drained, and released from quarantine', async () => {
    const page = await signInAs('hera', 'argos', '/builders/ares');
    for (const [name, hold] of [
      ['Pause', 'paused'],
      ['Drain', 'draining'],
    ] as const) {
      await press(page, name, '/builders/ares/hold');
      assert.match(
        site.runner.changes.at(-1) ?? '',
        new RegExp(`/machines/hold .*"ares".*"${hold}"`),
      );
    }
    await press(page, 'Release', '/builders/ares/release');
    assert.equal(site.runner.changes.at(-1), 'POST /machines/pardon {"hostname":"ares"}');
  });

  test('whoever has no right sees no button', async () => {
    const page = await signInAs('iris', 'rainbow', '/builds/1');
    for (const path of ['/builds/1', '/builds/2', '/evaluations/1', '/builders/ares']) {
      await page.goto(site.at(path));
      await page.locator('.account', { hasText: 'iris' }).waitFor();
      await page.locator('.facts').first().waitFor();
      assert.equal(await page.locator('.controls button, form.shares').count(), 0, path);
    }
  });
});

const farmInTrouble = {
  '/orders': { emergencies: [{ subject: 'build', id: 2, preempts: false }], holds: [] },
  '/status/machines': {
    machines: {
      ares: { systems: ['x86_64-linux'], maxJobs: 4, jobs: [], stats: { currentJobs: 0 } },
    },
  },
  '/builders': {
    builders: [
      {
        hostname: 'ares',
        systems: ['x86_64-linux'],
        slots: 4,
        closed: 'paused',
        hold: null,
        supportedFeatures: [],
        mandatoryFeatures: [],
        faults: 3,
        blames: 0,
        onTrial: true,
        pausedUntil: Date.now() + 3_600_000,
        uptimeSeconds: 60,
        secondsLeft: 0,
      },
    ],
  },
};
