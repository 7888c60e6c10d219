import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildPage } from './build-page.ts';
import { openBrowser, openPage } from './open-browser.ts';
import type { WatchedPage } from './open-browser.ts';
import type { ServedRunner } from './serve-runner.ts';
import { serveScene } from './serve-scene.ts';
import type { ServedScene } from './serve-scene.ts';

export const desktop = { width: 1280, height: 800 };

type Site = {
  readonly pageDirectory: string;
  readonly runner: ServedRunner | undefined;
  readonly served: ServedScene;
  readonly browser: Browser;
};

/** What the tests of a suite look at; there from the first of them on. */
export type Browsing = Omit<Site, 'runner'> & {
  readonly runner: ServedRunner;
  /** A new one for each test. */
  readonly watched: WatchedPage;
  /** The address of a page. */
  readonly at: (path: string) => string;
};

/**
 * Has the suite that calls it look at the page in a real browser: built from its sources, served from a scene that
 * `prepare` fills. Each test ends with no complaint of the browser's, unless they `mayComplain` and say of what.
 */
export function browse(options: {
  readonly startRunner?: () => Promise<ServedRunner>;
  readonly prepare?: (served: ServedScene) => Promise<void>;
  readonly mayComplain?: boolean;
}): Browsing {
  const resources = new AsyncDisposableStack();
  let site: Site | undefined;
  let watched: WatchedPage | undefined;

  before(async () => {
    site = await openSite(resources, options.startRunner);
    await options.prepare?.(site.served);
  });
  // The server is gone before its database.
  after(() => resources.disposeAsync());
  beforeEach(async () => {
    watched = await openPage(opened(site).browser, desktop);
  });
  afterEach(async () => {
    const { page, complaints } = opened(watched);
    await page.context().close();
    if (options.mayComplain !== true) assert.deepEqual(complaints, []);
  });

  return {
    get pageDirectory() {
      return opened(site).pageDirectory;
    },
    get runner() {
      return opened(opened(site).runner);
    },
    get served() {
      return opened(site).served;
    },
    get browser() {
      return opened(site).browser;
    },
    get watched() {
      return opened(watched);
    },
    at: (path) => `${opened(site).served.server.url}${path}`,
  };
}

async function openSite(
  resources: AsyncDisposableStack,
  startRunner: (() => Promise<ServedRunner>) | undefined,
): Promise<Site> {
  const pageDirectory = resources.adopt(await mkdtemp(join(tmpdir(), 'page-')), (path) =>
    rm(path, { recursive: true }),
  );
  buildPage(pageDirectory);
  const runner = startRunner === undefined ? undefined : resources.use(await startRunner());
  const runnerUrl = runner === undefined ? {} : { runnerUrl: runner.url };
  const served = resources.use(await serveScene({ pageDirectory, ...runnerUrl }));
  const browser = resources.adopt(await openBrowser(), (opened) => opened.close());
  return { pageDirectory, runner, served, browser };
}

function opened<Thing>(thing: Thing | undefined): Thing {
  assert.ok(thing !== undefined, 'it is there while a test runs, and only if it was asked for');
  return thing;
}
