import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPage } from '../packages/iolaus/src/server/testing/build-page.ts';
import { serveBusyFarm } from '../packages/iolaus/src/server/testing/busy-farm/serve-busy-farm.ts';
import type { BusyFarm } from '../packages/iolaus/src/server/testing/busy-farm/serve-busy-farm.ts';
import { openBrowser, openPage } from '../packages/iolaus/src/server/testing/open-browser.ts';

/** What each picture shows, and what is there when it can be taken. */
const viewsOf = ({ evaluation, build }: BusyFarm['history']) => [
  { name: 'now', path: '/now', sign: '.next-steps' },
  { name: 'queue', path: '/queue', sign: '.scroller .name a[href]' },
  { name: 'queue-groups', path: '/queue?by=reason', sign: '.scroller .heading' },
  { name: 'builds', path: '/', sign: '.builds' },
  { name: 'builders', path: '/builders', sign: '.builders .gauge' },
  { name: 'builder', path: '/builders/hephaestus', sign: '.evidence' },
  { name: 'evaluations', path: '/evaluations', sign: '.evaluations' },
  { name: 'evaluation', path: `/evaluations/${evaluation}`, sign: '.builds .name' },
  { name: 'build', path: `/builds/${build}`, sign: '.since-last-good .facts' },
  { name: 'graph', path: `/builds/${build}`, open: '.step-graph summary', sign: '.step-box' },
];

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
// The first look at so many takes its time on a machine that has other things to do.
const patienceMilliseconds = 60_000;

await using stack = new AsyncDisposableStack();
const pageDirectory = stack.adopt(await mkdtemp(join(tmpdir(), 'page-')), (path) =>
  rm(path, { recursive: true }),
);
buildPage(pageDirectory);
const farm = stack.use(await serveBusyFarm(steps, pageDirectory));
const browser = stack.adopt(await openBrowser(), (opened) => opened.close());
for (const { suffix, ...look } of values.all ? looks : looks.slice(0, 1)) {
  const { page } = await openPage(browser, look);
  page.setDefaultTimeout(patienceMilliseconds);
  for (const { name, path, sign, open } of viewsOf(farm.history)) {
    await page.goto(`${farm.url}${path}`);
    if (open !== undefined) await page.locator(open).click();
    await page.locator(sign).first().waitFor();
    await page.getByText('Live', { exact: true }).first().waitFor({ state: 'attached' });
    await page.screenshot({ path: join(values.into, `${name}${suffix}.png`) });
  }
  await page.context().close();
}
