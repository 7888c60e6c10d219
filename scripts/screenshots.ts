import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPage } from '../packages/iolaus/src/server/testing/build-page.ts';
import { serveBusyFarm } from '../packages/iolaus/src/server/testing/busy-farm/serve-busy-farm.ts';
import { openBrowser, openPage } from '../packages/iolaus/src/server/testing/open-browser.ts';

/** What each picture shows, and what is there when it can be taken. */
const views = [
  { name: 'now', path: '/now', sign: '.next-steps' },
  { name: 'queue', path: '/queue', sign: '.scroller .name a[href]' },
  { name: 'queue-groups', path: '/queue?by=reason', sign: '.scroller .heading' },
  { name: 'builds', path: '/', sign: '.builds' },
  { name: 'builders', path: '/builders', sign: '.builders .gauge' },
  { name: 'builder', path: '/builders/hephaestus', sign: '.evidence' },
] as const;

const looks = [
  { suffix: '', width: 1200, height: 760, dark: false },
  { suffix: '-dark', width: 1200, height: 760, dark: true },
  { suffix: '-phone', width: 375, height: 740, dark: false },
] as const;

/** Pictures of a made-up farm, for the documents: `node scripts/screenshots.ts [--into FOLDER] [--all]`. */
const { values } = parseArgs({
  options: {
    into: { type: 'string', default: 'docs/pages' },
    all: { type: 'boolean', default: false },
  },
});
const steps = 200_000;

await using stack = new AsyncDisposableStack();
const pageDirectory = stack.adopt(await mkdtemp(join(tmpdir(), 'page-')), (path) =>
  rm(path, { recursive: true }),
);
buildPage(pageDirectory);
const farm = stack.use(await serveBusyFarm(steps, pageDirectory));
const browser = stack.adopt(await openBrowser(), (opened) => opened.close());
for (const { suffix, ...look } of values.all ? looks : looks.slice(0, 1)) {
  const { page } = await openPage(browser, look);
  for (const { name, path, sign } of views) {
    await page.goto(`${farm.url}${path}`);
    await page.locator(sign).first().waitFor();
    await page.getByText('Live', { exact: true }).first().waitFor({ state: 'attached' });
    await page.screenshot({ path: join(values.into, `${name}${suffix}.png`) });
  }
  await page.context().close();
}
