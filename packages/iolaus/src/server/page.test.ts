import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { BuildId } from '../farm/identity.ts';
import { startServer } from './server.ts';
import { ask } from './testing/ask.ts';
import { browse } from './testing/browse.ts';
import {
  colourOf,
  focusedText,
  openPage,
  overflowOf,
  scrolledToEnd,
} from './testing/open-browser.ts';
import { outputOf, storeHash } from './testing/scene.ts';
import { serveScene, silentLogger } from './testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('the page in a browser', () => {
  const phone = { width: 360, height: 740 };

  const site = browse({
    mayComplain: true,
  });
  const { at } = site;
  const row = (page: Page, text: string) => page.locator('tr', { hasText: text });

  async function queueOne(name: string): Promise<BuildId> {
    const [build] = await site.served.scene.queue([name], name);
    assert.ok(build);
    return build;
  }

  test('a farm that has built nothing says what to do', async () => {
    await using empty = await serveScene({ pageDirectory: site.pageDirectory });
    await site.watched.page.goto(empty.server.url);
    await site.watched.page.getByText('No builds yet.').waitFor();
    await site.watched.page.getByText('Live', { exact: true }).waitFor();
    assert.deepEqual(site.watched.complaints, []);
  });

  test('a build turns up, runs, shows its log line by line, and turns green, by itself', async () => {
    const { scene } = site.served;
    const { page, complaints } = site.watched;
    await page.goto(at('/'));
    await page.getByText('Live', { exact: true }).waitFor();
    const build = await queueOne('watched');
    const listed = row(page, 'watched:jobset');
    await listed.getByText('Queued').waitFor();

    const step = await scene.startStep(build, 'watched');
    await listed.getByText('Running').waitFor();
    await scene.writeLog('watched', 'unpacking\n');
    await page.locator('.running-now a', { hasText: 'watched' }).click();
    const log = page.getByRole('log');
    await log.getByText('unpacking').waitFor();
    await scene.appendLog('watched', 'compiling \x1b[1;32mgreen\x1b[0m thi');
    await log.getByText('compiling green thi').waitFor();
    await scene.appendLog('watched', 'ngs\ndone\n');
    await log.getByText('compiling green things').waitFor();
    assert.equal(await log.locator('.ansi-green-fg').innerText(), 'green');
    assert.deepEqual(await log.locator('.line').allInnerTexts(), [
      'unpacking',
      'compiling green things',
      'done',
    ]);

    await scene.finishStep(build, step, 'succeeded');
    await page.locator('.log-head').getByText('Succeeded').waitFor();
    await scene.finishBuild(build, 'succeeded');
    await page.goto(at('/'));
    const word = listed.getByText('Succeeded');
    await word.waitFor();
    const [red = 0, green = 0, blue = 0] = await colourOf(word);
    assert.ok(green > red && green > blue, `rgb(${red}, ${green}, ${blue}) is green`);
    assert.deepEqual(complaints, []);
  });

  test('a list that stands open turns green without being touched', async () => {
    const build = await queueOne('untouched');
    await site.watched.page.goto(at('/'));
    const listed = row(site.watched.page, 'untouched:jobset');
    await listed.getByText('Queued').waitFor();
    await site.served.scene.finishBuild(build, 'succeeded');
    await listed.getByText('Succeeded').waitFor();
    assert.deepEqual(site.watched.complaints, []);
  });

  test('the first rows come with the page, and are read again once the page listens', async () => {
    const { page, complaints } = site.watched;
    const build = await queueOne('prompt');
    const asked: string[] = [];
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/api/**', async (route) => {
      asked.push(new URL(route.request().url()).pathname);
      await held;
      await route.continue();
    });
    await page.goto(at('/'));
    await row(page, 'prompt:jobset').getByText('Queued').waitFor();
    assert.deepEqual(asked, ['/api/v2/events']);
    await site.served.scene.finishBuild(build, 'succeeded');
    answer();
    await row(page, 'prompt:jobset').getByText('Succeeded').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('whatever a log holds, it is text', async () => {
    const { scene } = site.served;
    const { page, complaints } = site.watched;
    const build = await queueOne('hostile');
    const step = await scene.startStep(build, 'hostile');
    const hostile = [
      '<img src=x onerror="document.title=\'broken in\'"><script>document.title="broken in"</script>',
      '\x1b]8;;javascript:document.title="broken in"\x07link\x1b]8;;\x07 \x1b[31m<b>red\x1b[0m',
      'bell\x07 null\0 cursor\x1b[2J\x1b[H back\b \u202eturned',
      `long ${'x'.repeat(200_000)}`,
      'last line',
    ].join('\n');
    await scene.writeLog(
      'hostile',
      Buffer.concat([Buffer.from(hostile), Buffer.from([0x0a, 0xff, 0xfe, 0x0a])]),
    );
    await page.goto(at(`/builds/${build}/steps/${step}`));
    await page.getByText('last line').waitFor();
    assert.equal(await page.locator('.log :not(.chunk, .line, .spacer, span)').count(), 0);
    assert.equal(await page.locator('.log a, .log [onerror]').count(), 0);
    assert.match(await page.title(), /^Log of hostile/);
    assert.equal(await overflowOf(page), 0);
    assert.deepEqual(complaints, []);
  });

  test('a log of 20,000 coloured lines is there to its end, and stays at it', async () => {
    const { scene } = site.served;
    const { page, complaints } = site.watched;
    const build = await queueOne('noisy');
    const step = await scene.startStep(build, 'noisy');
    const lines = Array.from(
      { length: 20_000 },
      (_, line) => `\x1b[3${line % 8}mline ${line + 1}\x1b[0m of many\n`,
    );
    await scene.writeLog('noisy', lines.join(''));
    await scene.finishStep(build, step, 'succeeded');
    await page.goto(at(`/builds/${build}/steps/${step}`));
    await page.getByText('line 1 of many').waitFor();
    await page.keyboard.press('e');
    await page.getByText('line 20000 of many').waitFor();
    await scrolledToEnd(page, '.log');
    await page.goto(at(`/builds/${build}/steps/${step}#L12345`));
    await page.reload();
    await page.locator('.line.marked').waitFor();
    assert.equal(await page.locator('.line.marked').innerText(), 'line 12345 of many');
    assert.deepEqual(complaints, []);
  });

  test('a build that failed says why, with the last words of the step that failed', async () => {
    const { scene } = site.served;
    const { page, complaints } = site.watched;
    const [broken, dependent] = await scene.queue(['broken', 'dependent'], 'failing');
    assert.ok(broken && dependent);
    const step = await scene.startStep(broken, 'broken');
    await scene.writeLog('broken', 'compiling\n\x1b[31merror: it does not compile\x1b[0m\n');
    const message = "Build of '/nix/store/x.drv' failed: exit code 1 (see log)";
    await scene.finishStep(broken, step, 'failed', message);
    await scene.finishBuild(broken, 'failed');
    await scene.propagateFailure(dependent, 'broken', broken);
    await scene.finishBuild(dependent, 'dependency-failed');
    await page.goto(at(`/builds/${dependent}`));
    const why = page.getByLabel('Why it failed');
    await why.getByText(`Failed because its dependency broken failed in build ${broken}`).waitFor();
    await why.getByText('error: it does not compile').waitFor();
    await why.getByText('Whole log').click();
    await page.getByRole('log').getByText('error: it does not compile').waitFor();
    assert.equal(new URL(page.url()).pathname, `/builds/${broken}/steps/${step}`);
    await page.keyboard.press('u');
    await page.getByText('Its own step failed: exit code 1 (see log)').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('the keyboard is enough', async () => {
    const { page } = site.watched;
    await site.served.scene.queue(['keys-one', 'keys-two', 'keys-three'], 'keyboard');
    await page.goto(at('/'));
    await page.getByText('keys-three').first().waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('keys-');
    await page.waitForURL(/search=keys-/);
    await row(page, 'untouched:jobset').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('k');
    assert.equal(await focusedText(page), 'keys-two');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'keys-two' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.waitForURL(/status=failed/);
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('builds that failed').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  test('nothing is wider than a phone, in the light or in the dark', async () => {
    const { scene } = site.served;
    const long = `a-job-with-a-name-that-does-not-want-to-end-${'and-goes-on-'.repeat(8)}`;
    const build = await queueOne(long);
    const step = await scene.startStep(build, long);
    await scene.writeLog(long, `${'word '.repeat(200)}\n${'x'.repeat(3000)}\n`);
    for (const dark of [false, true]) {
      const { page, complaints } = await openPage(site.browser, { ...phone, dark });
      for (const [path, sign] of [
        ['/', '.builds'],
        ['/?status=succeeded', '.builds'],
        [`/builds/${build}`, '.steps'],
        [`/builds/${build}/steps/${step}`, '.line'],
        ['/nowhere', '.notice'],
      ] as const) {
        await page.goto(at(path));
        await page.locator(sign).first().waitFor();
        assert.equal(await overflowOf(page), 0, path);
      }
      // The browser itself tells of the one page that is not there.
      assert.deepEqual(
        complaints.filter((text) => !text.includes('404')),
        [],
      );
      await page.context().close();
    }
  });

  test('a page of a build shows in its own colours and runs none of its scripts', async () => {
    const { scene, storeDirectory } = site.served;
    const { page } = site.watched;
    const folder = join(storeDirectory, `${storeHash}-manual`);
    await mkdir(folder);
    await writeFile(
      join(folder, 'index.html'),
      '<link rel=stylesheet href=style.css><h1>Manual</h1><script>document.title = "ran"</script>',
    );
    await writeFile(join(folder, 'style.css'), 'h1 { color: rgb(1, 2, 3) }');
    const build = await queueOne('manual');
    await scene.finishBuild(build, 'succeeded');
    await scene.showResults({
      build,
      outputs: new Map([['out', outputOf('manual')]]),
      products: [
        {
          type: 'doc',
          subtype: 'manual',
          path: outputOf('manual'),
          name: 'The manual',
          defaultPath: 'index.html',
          fileSize: null,
          sha256: null,
        },
      ],
      metrics: [{ name: 'pages', unit: null, value: 12 }],
    });
    await page.goto(at(`/builds/${build}`));
    await page.getByText('The manual').click();
    const heading = page.getByRole('heading', { name: 'Manual' });
    await heading.waitFor();
    assert.deepEqual(await colourOf(heading), [1, 2, 3]);
    assert.equal(await page.title(), '');
  });

  test('a lost connection is told, and everything is read again when it is back', async () => {
    const { database, logDirectory, storeDirectory, scene } = site.served;
    const { page } = site.watched;
    const options = {
      database,
      logDirectory,
      storeDirectory,
      pageDirectory: site.pageDirectory,
      logger: silentLogger(),
    };
    const first = await startServer({ ...options, host: '127.0.0.1', port: 0 });
    const port = Number(new URL(first.url).port);
    const build = await queueOne('meanwhile');
    await page.goto(first.url);
    await row(page, 'meanwhile:jobset').getByText('Queued').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await first.close();
    await page.getByText('Reconnecting').waitFor();
    await scene.finishBuild(build, 'succeeded');
    await using _second = await startServer({ ...options, host: '127.0.0.1', port });
    await page.getByText('Live', { exact: true }).waitFor();
    await row(page, 'meanwhile:jobset').getByText('Succeeded').waitFor();
    await page.close();
  });

  test('the whole page weighs less than 200 KB', async () => {
    const { page } = site.watched;
    const paths = new Set<string>();
    page.on('response', (response) => paths.add(new URL(response.url()).pathname));
    await page.goto(at('/'));
    await page.locator('.builds').waitFor();
    paths.delete('/api/v2/events');
    let bytes = 0;
    for (const path of paths) {
      const headers = { 'accept-encoding': 'br, gzip' };
      bytes += (await ask(site.served.server.url, path, { headers })).body.length;
    }
    assert.ok(bytes > 10_000 && bytes < 200_000, `${bytes} bytes`);
  });
});
