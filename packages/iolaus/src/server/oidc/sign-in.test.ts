import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createLogger } from '../../logging/logger.ts';
import { ask } from '../testing/ask.ts';
import type { Answer } from '../testing/ask.ts';
import { buildPage } from '../testing/build-page.ts';
import { serveIdentityProvider } from '../testing/identity-provider.ts';
import type { MadeUpProvider } from '../testing/identity-provider.ts';
import { openBrowser, openPage } from '../testing/open-browser.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('signing in with a provider of identities', () => {
  let pageDirectory: string;
  let browser: Browser;
  let provider: MadeUpProvider;
  let served: ServedScene;

  const hera = { email: 'hera@olympus.example', name: 'Hera', hydra_roles: ['bump-to-front'] };

  before(async () => {
    pageDirectory = await mkdtemp(join(tmpdir(), 'page-'));
    buildPage(pageDirectory);
    browser = await openBrowser();
    provider = await serveIdentityProvider();
    served = await serveScene({ pageDirectory, oidc: [provider.settings] });
    await served.scene.queue(['one']);
  });
  after(async () => {
    await browser?.close();
    await served?.[Symbol.asyncDispose]();
    await provider?.[Symbol.asyncDispose]();
    await rm(pageDirectory, { recursive: true });
  });

  /** A browser that nobody has used, as far as the provider asks who it is. */
  async function goToProvider(from: string): Promise<Page> {
    const { page } = await openPage(browser, { width: 1000, height: 700 });
    await page.goto(served.server.url + from);
    await page.getByRole('link', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: 'Sign in with Olympus' }).click();
    return page;
  }

  const usersOf = () =>
    served.database.query(
      `select username, fullname, emailaddress, password, type, array(select role from userroles r where r.username = u.username) as roles
       from users u where username like 'olympus:%'`,
    );

  test('somebody new gets an account, is back where they were, and may what the provider says', async () => {
    provider.claims = { token: { email: hera.email }, userInfo: hera };
    const page = await goToProvider('/builders');
    await page.getByRole('link', { name: 'It is me' }).click();
    await page.waitForURL('**/builders');
    await page.locator('.account', { hasText: 'Hera' }).waitFor();
    assert.deepEqual(await usersOf(), [
      {
        username: 'olympus:p-1',
        fullname: 'Hera',
        emailaddress: hera.email,
        password: '!',
        type: 'oidc',
        roles: ['bump-to-front'],
      },
    ]);
    const bump = (header: string) =>
      page.evaluate<number>(
        `fetch('/api/v2/builds/1/bump', { method: 'POST', headers: { ${header} } }).then(({ status }) => status)`,
      );
    assert.equal(await bump(`'x-requested-with': 'test'`), 200);
    assert.equal(await bump(''), 403);
    const cookies = await page.context().cookies();
    assert.deepEqual(
      cookies.map(({ name, httpOnly, sameSite }) => `${name} ${httpOnly} ${sameSite}`).toSorted(),
      ['iolaus_session true Strict', 'iolaus_signed_in false Strict'],
    );
    await page.context().close();
  });

  test('roles are those of the last sign-in', async () => {
    provider.claims = { token: { ...hera, hydra_roles: ['cancel-build'] }, userInfo: {} };
    const page = await goToProvider('/');
    await page.getByRole('link', { name: 'It is me' }).click();
    await page.locator('.account', { hasText: 'Hera' }).click();
    await page.getByText('You may: cancel-build.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.context().close();
  });

  test('somebody to whom the provider says no reads why, as text', async () => {
    provider.trick = 'denial';
    const page = await goToProvider('/');
    await page.getByRole('link', { name: 'It is me' }).click();
    const said = 'Olympus did not sign you in: you said <b>no</b>.';
    await page.getByRole('alert').getByText(said).waitFor();
    assert.deepEqual(await page.context().cookies(), []);
    await page.context().close();
    provider.trick = null;
  });

  /** All the way without a browser: what the server says in the end. */
  async function walk(url: string): Promise<Answer> {
    const begun = await ask(url, '/oidc-login/olympus');
    const asked = await fetch(begun.headers.location ?? '');
    const [, link = ''] = /href="([^"]+)"/.exec(await asked.text()) ?? [];
    const { pathname, search } = new URL(link.replaceAll('&amp;', '&'));
    return ask(url, pathname + search, { headers: { cookie: cookieOf(begun) } });
  }

  test('what cannot be trusted signs nobody in, and no secret is in the log', async () => {
    provider.claims = { token: { ...hera, sub: 'p-2' }, userInfo: { sub: 'p-2' } };
    const log: string[] = [];
    const destination = { isTerminal: false, write: (line: string) => void log.push(line) };
    const logger = createLogger({ program: 'test', level: 'debug', destination });
    await using other = await serveScene({ pageDirectory, oidc: [provider.settings], logger });
    for (const trick of ['other-nonce', 'other-key', 'other-audience', 'other-secret'] as const) {
      provider.trick = trick;
      const { status, text, headers } = await walk(other.server.url);
      assert.equal(status, trick === 'other-secret' ? 503 : 403, trick);
      assert.match(text, /cannot be trusted|does not take what this server shows: invalid_client/);
      assert.doesNotMatch(String(headers['set-cookie']), /iolaus_session/);
    }
    provider.trick = null;
    assert.deepEqual(await other.database.query('select username from users'), []);
    assert.equal((await walk(other.server.url)).status, 303);
    assert.equal(log.filter((line) => line.includes('a sign-in failed')).length, 4);
    assert.doesNotMatch(log.join(''), /a secret of the farm|code=|verifier|iolaus_session/);
  });

  test('what another browser has begun, or was finished already, is not taken', async () => {
    const url = served.server.url;
    const begun = await ask(url, '/oidc-login/olympus?after=//elsewhere.example');
    assert.equal(begun.status, 303);
    const { searchParams } = new URL(begun.headers.location ?? '');
    assert.equal(searchParams.get('code_challenge_method'), 'S256');
    assert.equal(searchParams.get('scope'), 'openid email profile groups');
    const back = `/oidc-callback/olympus?code=x&state=${searchParams.get('state')}`;
    const strangers = await ask(url, back);
    assert.equal(strangers.status, 400);
    assert.match(strangers.text, /was not begun in this browser/);
    const kept = String(begun.headers['set-cookie']);
    assert.match(kept, /; HttpOnly; SameSite=Lax; Path=\/oidc-callback; Max-Age=600$/);
    const own = { headers: { cookie: cookieOf(begun) } };
    assert.equal((await ask(url, back.replace(/state=.*/, 'state=y'), own)).status, 400);
    assert.match((await ask(url, back, own)).text, /invalid_grant/);
  });

  test('a provider that is away, or unknown, is told of', async () => {
    const gone = { ...provider.settings, issuer: 'http://127.0.0.1:9' };
    await using lonely = await serveScene({ pageDirectory, oidc: [gone] });
    const away = await ask(lonely.server.url, '/oidc-login/olympus');
    assert.equal(away.status, 503);
    assert.match(away.text, /Olympus does not answer/);
    assert.equal((await ask(lonely.server.url, '/oidc-login/tartarus')).status, 404);
  });
});

const cookieOf = ({ headers }: Answer): string => String(headers['set-cookie']).split(';')[0] ?? '';
