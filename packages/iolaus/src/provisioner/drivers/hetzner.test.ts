import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openConversation } from '../testing/conversation.ts';
import { anOrder } from '../testing/order.ts';
import { DriverError } from './driver.ts';
import type { Driver } from './driver.ts';
import { openHetznerDriver } from './hetzner.ts';

/** Written by hand, after what is known of Hetzner's API; `IOLAUS_RECORD_HETZNER=http://…` leads the conversations with another server. */
const upstream = process.env['IOLAUS_RECORD_HETZNER'];

type Scene = AsyncDisposable & { readonly driver: Driver };

async function scene(name: string): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'hetzner-')), (path) =>
    rm(path, { recursive: true }),
  );
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'secret');
  const file = new URL(`../../../fixtures/conversations/hetzner-${name}.json`, import.meta.url);
  const { url: endpoint } = stack.use(await openConversation(file, upstream));
  const place = { endpoint, tokenFile, image: 'debian-12', location: 'fsn1', sshKeys: [] };
  const driver = openHetznerDriver(
    { type: 'hetzner', userData: 'cloud-init', ...place },
    { owner: 'us' },
  );
  return { driver, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const offers = [{ name: 'small', type: 'cx22' }];

test('a server is made with its marks, once for a name, listed over all pages, and deleted', async () => {
  await using conversation = await scene('one');
  const { driver } = conversation;
  const order = anOrder('us-p-one', { offers });
  await driver.create(order);
  await driver.create(order);
  const [machine, other] = await driver.list();
  assert.deepEqual(
    [machine?.name, machine?.state, machine?.offer],
    ['us-p-one', 'starting', 'small'],
  );
  // On the second page; it has switched itself off, and goes on costing money.
  assert.deepEqual([other?.name, other?.state], ['us-p-two', 'failed']);
  assert.ok(machine !== undefined && other !== undefined);
  await driver.destroy(machine);
  await driver.destroy(machine);
  await driver.destroy(other);
  assert.deepEqual(await driver.list(), []);
});

test('prices are those of the place', async () => {
  await using conversation = await scene('prices');
  const { pool } = anOrder('us-p-one', { offers });
  assert.deepEqual([...((await conversation.driver.prices?.(pool)) ?? [])], [['small', 0.006]]);
});

test('what Hetzner refuses is told by what helps', async () => {
  await using conversation = await scene('refusals');
  for (const failure of ['capacity', 'quota', 'rate', 'credentials', 'transient']) {
    await assert.rejects(
      conversation.driver.create(anOrder(`us-p-${failure}`, { offers })),
      (error) => error instanceof DriverError && error.failure === failure,
      failure,
    );
  }
});
