import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { buildPage } from '../../packages/iolaus/src/server/testing/build-page.ts';
import { serveBusyFarm } from '../../packages/iolaus/src/server/testing/busy-farm/serve-busy-farm.ts';
import { openBrowser, openPage } from '../../packages/iolaus/src/server/testing/open-browser.ts';
import { median } from '../report.ts';
import type { BenchReport } from '../report.ts';

const steps = 200_000;
// As slow as a telephone.
const slowdown = 4;
const visits = 5;

/** What a browser has of the page: its weight, when something is seen, and how the queue of a large farm scrolls. */
export async function measurePage(): Promise<Readonly<Record<string, number>>> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'page-')), (path) =>
    rm(path, { recursive: true }),
  );
  buildPage(folder);
  const { url } = stack.use(await serveBusyFarm(steps, folder));
  const browser = stack.adopt(await openBrowser(), (opened) => opened.close());
  // Somebody has looked at the queue before, as on any farm with more people than one.
  await visit(browser, `${url}/queue`, untilRows);
  const front = await repeat(() => visit(browser, url, untilPainted));
  const queue = await repeat(() => visit(browser, `${url}/queue`, untilRows));
  return {
    pageKb: await weigh(browser, url),
    firstContentMs: median(front),
    queueFirstRowsMs: median(queue),
    ...(await scrollThroughQueue(browser, `${url}/queue`)),
    emptyFps: await scrollThroughNothing(browser),
  };
}

/** The page alone, for those who work at it. */
export const reportPage = async (): Promise<BenchReport> => ({
  bench: 'page',
  figures: await measurePage(),
  explanation: pageExplanation,
});

export const pageExplanation = [
  `pageKb            script and style of the first load, compressed; at most 200`,
  `firstContentMs    until something is seen of the list of builds, at ${slowdown} × slow-down; at most 1,000`,
  `queueFirstRowsMs  until rows of a queue of ${steps} steps are there, at ${slowdown} × slow-down; at most 500`,
  `queueFps          frames a second while it is scrolled through, at ${slowdown} × slow-down; at least 50`,
  `emptyFps          the same of a box with nothing but a colour in it: what browser and machine can do`,
  `queueHeapMb       of JavaScript's objects after that; at most 150`,
].join('\n');

async function repeat(measure: () => Promise<number>): Promise<number[]> {
  const measured: number[] = [];
  for (let visited = 0; visited < visits; visited++) measured.push(await measure());
  return measured;
}

const untilPainted = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
const untilRows = `document.querySelector('.scroller .name a[href]') && performance.now()`;

/** Milliseconds from the beginning of the visit until what is looked for in each frame is there. */
async function visit(browser: Browser, url: string, lookFor: string): Promise<number> {
  const { page } = await openSlowPage(browser);
  await page.addInitScript(`
    window.found = new Promise((resolve) => {
      const look = () => {
        const found = ${lookFor};
        if (found) resolve(found);
        else requestAnimationFrame(look);
      };
      look();
    });
  `);
  await page.goto(url, { waitUntil: 'commit' });
  const milliseconds = await page.evaluate<number>('window.found');
  await page.context().close();
  return milliseconds;
}

async function openSlowPage(browser: Browser): Promise<{ page: Page; session: CDPSession }> {
  const { page } = await openPage(browser, { width: 1280, height: 800 });
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  return { page, session };
}

/** Kilobytes that come over the wire. */
async function weigh(browser: Browser, url: string): Promise<number> {
  const { page } = await openPage(browser, { width: 1280, height: 800 });
  await page.goto(url);
  await page.locator('.builds').waitFor();
  const bytes = await page.evaluate<number>(`performance.getEntriesByType('resource')
    .filter(({ name }) => name.includes('/assets/'))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`);
  await page.context().close();
  return bytes / 1024;
}

/** A third of a screen with every frame, for some seconds, and a leap to the end. */
const scroll = (selector: string): string => `(async () => {
  const box = document.querySelector('${selector}');
  const frame = () => new Promise(requestAnimationFrame);
  const startedAt = performance.now();
  let frames = 0;
  while (performance.now() - startedAt < 4000) {
    await frame();
    box.scrollTop += 250;
    frames += 1;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  box.scrollTop = box.scrollHeight;
  return frames / seconds;
})()`;

async function scrollThroughQueue(browser: Browser, url: string) {
  const { page, session } = await openSlowPage(browser);
  await page.goto(url);
  await page.locator('.scroller .name').first().waitFor();
  const queueFps = await page.evaluate<number>(scroll('.scroller'));
  await page.locator(`.scroller [aria-rowindex="${steps + 1}"] .name`).waitFor();
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  await page.context().close();
  return { queueFps, queueHeapMb: heap / 2 ** 20 };
}

async function scrollThroughNothing(browser: Browser): Promise<number> {
  const { page } = await openSlowPage(browser);
  await page.setContent(`<div id="box" style="height: 700px; overflow-y: scroll">
    <div style="height: ${steps * 32}px; background: linear-gradient(red, blue)"></div></div>`);
  const framesPerSecond = await page.evaluate<number>(scroll('#box'));
  await page.context().close();
  return framesPerSecond;
}
