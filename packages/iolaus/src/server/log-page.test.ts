import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { complaintsOfAxe } from './testing/axe.ts';
import { browse } from './testing/browse.ts';
import { scrolledToEnd } from './testing/open-browser.ts';

// Some thirty megabytes.
const lines = 400_000;
const phaseLines = 100_000;
const phases = ['unpackPhase', 'buildPhase', 'checkPhase', 'installPhase'];

const longLog = (): string =>
  Array.from({ length: lines }, (_, index) => {
    const line = index + 1;
    const phase = index % phaseLines === 0 ? phases[index / phaseLines] : undefined;
    if (phase !== undefined) return `Running phase: ${phase}\n`;
    if (line % 150_000 === 0) return `\x1b[31mWarning: line ${line} is odd\x1b[0m\n`;
    return `line ${line} compiles something/with/a/long/path/to/a/file-${line % 97}.cc\n`;
  }).join('');

// In a suite, so that the server is gone before its database.
suite('the page of a log in a browser', () => {
  let address: string;
  const site = browse({
    prepare: async (served) => {
      const { scene } = served;
      const [build] = await scene.queue(['long']);
      assert.ok(build);
      const step = await scene.startStep(build, 'long');
      await scene.writeLog('long', longLog());
      await scene.finishStep(build, step, 'succeeded');
      address = `${served.server.url}/builds/${build}/steps/${step}`;
    },
  });

  const shownLines = (): Promise<number> => site.watched.page.locator('.chunk > .line').count();

  test('of a log of 400,000 lines a few are there, wherever one looks', async () => {
    const { page } = site.watched;
    await page.goto(address);
    await page.getByText('line 2 compiles').waitFor();
    await page.keyboard.press('e');
    await page.getByText(`line ${lines} compiles`).waitFor();
    await scrolledToEnd(page, '.log');
    await page.evaluate('document.querySelector(".log").scrollTop /= 2');
    await page
      .getByText(/line 20\d{4} compiles/)
      .first()
      .waitFor();
    assert.ok((await shownLines()) < 4_000);
    await page.mouse.move(600, 500);
    const [first = ''] = await page.locator('.chunk > .line').allInnerTexts();
    for (let turn = 0; turn < 12; turn += 1) await page.mouse.wheel(0, -2_000);
    await page.waitForFunction(
      `document.querySelector('.chunk > .line').innerText !== ${JSON.stringify(first)}`,
    );
  });

  test('a link leads to a line, and a click on a number makes one', async () => {
    const { page } = site.watched;
    await page.goto(`${address}#L323456`);
    const marked = page.locator('.line.marked');
    await marked.waitFor();
    assert.match(await marked.innerText(), /^line 323456 /);
    await page.getByRole('navigation', { name: 'Phases' }).waitFor();
    const { y = 0 } = (await marked.boundingBox()) ?? {};
    assert.ok(y > 200 && y < 800, `it is at ${y}`);
    await page.locator('.line[data-number="323458"]').click({ position: { x: 10, y: 8 } });
    assert.match(page.url(), /#L323458$/);
    assert.match(await marked.innerText(), /^line 323458 /);
  });

  test('all of it is searched, in any case, and each line that has the text can be gone to', async () => {
    const { page } = site.watched;
    await page.goto(address);
    await page.getByText('line 2 compiles').waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('wArning:');
    await page.getByText('1 of 2').waitFor();
    await page.getByText('Warning: line 150000 is odd').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Warning: line 300000 is odd').waitFor();
    assert.equal(await page.locator('.line.marked').getAttribute('data-number'), '300000');
    await page.getByLabel('Search the log').fill('there is no such thing');
    await page.getByText('not in this log').waitFor();
  });

  test('phases are told, can be gone to, and are folded away', async () => {
    const { page } = site.watched;
    await page.goto(address);
    const list = page.getByRole('navigation', { name: 'Phases' });
    await list.getByText('check').click();
    await page.locator('.heading', { hasText: 'Running phase: checkPhase' }).waitFor();
    await page.locator('.heading', { hasText: 'checkPhase' }).getByRole('button').click();
    await page.locator('.line[data-number="200001"] + .line[data-number="300001"]').waitFor();
    await list.getByText('Unfold').click();
    await page.getByText('line 2 compiles').waitFor();
    await list.getByText('Fold').click();
    await page.locator('.line[data-number="1"] + .line[data-number="100001"]').waitFor();
    assert.equal(await shownLines(), phases.length);
    assert.deepEqual(await complaintsOfAxe(page, 'all'), []);
  });
});
