import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openConversation } from '../testing/conversation.ts';
import { anOrder } from '../testing/order.ts';
import { DriverError } from './driver.ts';
import type { Driver } from './driver.ts';
import { openKubernetesDriver } from './kubernetes.ts';

/** `IOLAUS_RECORD_KUBERNETES=https://…` records anew, with an API server that is set up for it (docs/provisioner.md). */
const upstream = process.env['IOLAUS_RECORD_KUBERNETES'];

type Scene = AsyncDisposable & { readonly driver: Driver };

async function scene(
  name: string,
  { namespace = 'builds', token = 'secret' } = {},
): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'kubernetes-')), (path) =>
    rm(path, { recursive: true }),
  );
  const file = new URL(`../../../fixtures/conversations/kubernetes-${name}.json`, import.meta.url);
  const { url: server } = stack.use(await openConversation(file, upstream));
  const kubeconfig = join(folder, 'config');
  // The client speaks in the clear to such only.
  const cluster = { name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } };
  const context = { name: 'x', context: { cluster: 'c', user: 'u' } };
  const user = { name: 'u', user: { token } };
  await writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [cluster],
      contexts: [context],
      users: [user],
      'current-context': 'x',
    }),
  );
  const driver = openKubernetesDriver(
    {
      type: 'kubernetes',
      namespace,
      image: 'iolaus:1',
      kubeconfig,
      nodeSelector: {},
      cpu: '4',
      memory: '8Gi',
    },
    { owner: 'us', pageSize: 2 },
  );
  return { driver, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('a builder is a pod and a secret, once for a name, and both go', async () => {
  await using conversation = await scene('one');
  const { driver } = conversation;
  const order = anOrder('us-p-one');
  await driver.create(order);
  await driver.create(order);
  const [machine, ...others] = await driver.list();
  assert.deepEqual(others, []);
  assert.deepEqual(
    [machine?.name, machine?.pool, machine?.generation, machine?.state],
    ['us-p-one', 'p', order.generation, 'starting'],
  );
  assert.ok(machine !== undefined);
  await driver.destroy(machine);
  await driver.destroy(machine);
  assert.deepEqual(await driver.list(), []);
});

test('what the cluster refuses is told in its words, and told apart by what helps', async () => {
  const refusals = [
    ['quota', { namespace: 'full' }, 'quota', /exceeded quota/],
    ['no-rights', { token: 'stranger' }, 'credentials', /cannot create resource "pods"/],
    ['no-token', { token: 'nonsense' }, 'credentials', /answers 401/],
    [
      'no-namespace',
      { namespace: 'nowhere', token: 'root' },
      'configuration',
      /"nowhere" not found/,
    ],
  ] as const;
  for (const [name, settings, failure, words] of refusals) {
    await using conversation = await scene(name, settings);
    await assert.rejects(
      conversation.driver.create(anOrder('us-p-refused')),
      (error) =>
        error instanceof DriverError && error.failure === failure && words.test(error.message),
    );
  }
});

test('more pods than fit on a page are all listed', async () => {
  await using conversation = await scene('pages');
  const { driver } = conversation;
  const names = Array.from({ length: 3 }, (_, index) => `us-p-many-${index}`);
  for (const name of names) await driver.create(anOrder(name));
  const listed = await driver.list();
  assert.deepEqual(listed.map(({ name }) => name).toSorted(), names);
  for (const machine of listed) await driver.destroy(machine);
});
