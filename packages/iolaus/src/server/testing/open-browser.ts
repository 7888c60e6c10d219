import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, Locator, Page } from 'playwright-core';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
];

// As root it runs without a sandbox only, and of itself it asks for nothing in the network.
const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium without a window: the one that `CHROMIUM` names, or that is in a usual place. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), headless: true, args: switches });
}

function findChromium(): string {
  const named = process.env['CHROMIUM'];
  const places = named === undefined ? usualPlaces : [named];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    `There is no Chromium at ${places.join(', ')}: install it, or name it in CHROMIUM`,
  );
}

// What has not come by then does not come.
const patienceMilliseconds = 10_000;

/** A page that keeps what its console and its network complain of. */
export type WatchedPage = { readonly page: Page; readonly complaints: string[] };

export async function openPage(
  browser: Browser,
  view: { readonly width: number; readonly height: number; readonly dark?: boolean },
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.dark === true ? 'dark' : 'light',
  });
  context.setDefaultTimeout(patienceMilliseconds);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { hostname } = new URL(request.url());
    if (hostname !== 'localhost') complaints.push(`asked for ${request.url()}`);
  });
  return { page, complaints };
}

// What runs in the browser is text here: this side of the house knows no `document`.

/** Pixels by which the page is wider than the screen. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );

/** What the element that has the focus says. */
export const focusedText = (page: Page): Promise<string> =>
  page.evaluate<string>('document.activeElement?.textContent ?? ""');

/** The browser's own. */
declare function getComputedStyle(element: unknown): { readonly color: string };

/** The colour of an element's letters: red, green and blue, up to 255. */
export async function colourOf(element: Locator): Promise<readonly number[]> {
  const colour = await element.evaluate((node) => getComputedStyle(node).color);
  return (colour.match(/\d+/g) ?? []).map(Number);
}

/** Resolves when a box is scrolled to its end. */
export async function scrolledToEnd(page: Page, selector: string): Promise<void> {
  const box = `document.querySelector(${JSON.stringify(selector)})`;
  await page.waitForFunction(`${box}.scrollTop + ${box}.clientHeight >= ${box}.scrollHeight - 1`);
}
