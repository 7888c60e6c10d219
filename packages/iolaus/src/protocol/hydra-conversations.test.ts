import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { defaultStoreDirectory, fromUtf8, toUtf8 } from '@iolaus/nix';
import type { BuildOrder } from './build-order.ts';
import { connectRunner } from './client/runner-client.ts';
import type { AttemptReport, ReportedOutput } from './attempt-report.ts';
import type { Join, Ping } from './join.ts';
import type { IncomingPaths } from './store-transfer.ts';
import { playBuilder, playRunner, readConversation } from './testing/conversation.ts';
import { gatherBytes } from './testing/pieces.ts';
import { aJoin, startPair } from './testing/runner-pair.ts';
import type { FromRunner } from './tunnel-message.ts';

// What the real programs said: four derivations of which one fails and one is cancelled while it runs, one with an
// input that was built before, two outputs and all that nix-support can hold, one with structured attributes.

type Heard = {
  readonly joins: Join[];
  readonly pings: Ping[];
  readonly logs: Map<string, string>;
  readonly phases: string[];
  readonly reports: AttemptReport[];
  readonly imported: string[];
};

const nameOf = (path: string): string => path.slice(33).replace('.drv', '');

/** Takes the archives; each has the hash that was announced. */
async function checkArchives(paths: IncomingPaths): Promise<string[]> {
  const names: string[] = [];
  await paths.importEach(async (info, nar) => {
    const digest = createHash('sha256')
      .update(await gatherBytes(nar))
      .digest();
    assert.deepEqual(Buffer.from(info.narHash.digest), digest);
    names.push(nameOf(info.path));
  });
  return names;
}

async function hearBuilder(): Promise<Heard & { readonly statuses: readonly number[] }> {
  const heard: Heard = {
    joins: [],
    pings: [],
    logs: new Map(),
    phases: [],
    reports: [],
    imported: [],
  };
  await using pair = await startPair({
    openTunnel: (join) => ({
      accept: { maxConcurrentDownloads: 5, sharesStore: false, takenBack: [], leaseSeconds: 0 },
      converse: async ({ messages }) => {
        heard.joins.push(join);
        for await (const message of messages) {
          if (message.type === 'ping') heard.pings.push(message.ping);
        }
      },
      ended: () => {},
    }),
    receiveLog: async ({ derivation, data }) => {
      heard.logs.set(nameOf(derivation), (await gatherBytes(data)).toString());
    },
    receivePaths: async (paths) => void heard.imported.push(...(await checkArchives(paths))),
    updateStep: ({ phase }) => void heard.phases.push(phase),
    completeBuild: async (report) => void heard.reports.push(report),
    fetchRequisites: async (paths) => paths,
    hasPath: async () => false,
    fetchPaths: async () => ({ infos: [], nar: () => assert.fail('nothing is asked for') }),
  });
  const said = await playBuilder(pair.server.endpoint, readConversation('hydra-builder'));
  return { ...heard, statuses: said.map(({ status }) => status) };
}

test("our runner understands all that Hydra's builder says", async () => {
  const { joins, pings, logs, phases, reports, imported, statuses } = await hearBuilder();
  assert.deepEqual(new Set(statuses), new Set([0]));
  const [join] = joins;
  assert.equal(join?.hostname, 'ares');
  assert.deepEqual(
    [join.systems[0], join.maxJobs, join.nixVersion, join.dialect, join.builder],
    ['x86_64-linux', 4, 'nix (Nix) 2.26.3', 0, null],
  );
  assert.ok(pings.length >= 3);
  assert.ok(pings.every(({ pressure, load1 }) => pressure?.cpuSome != null && load1 > 0));
  assert.equal(logs.get('base-A'), 'building base\nsource A\n');
  assert.equal(logs.get('failing-A'), 'before\n');
  assert.equal(logs.get('hello-A'), 'hello of A\n');
  assert.equal(logs.get('slow-A'), 'begun\n', 'it was cut off when the build was cancelled');
  assert.match(logs.get('structured-A') ?? '', /^\+/, 'the script said its commands');
  assert.deepEqual(
    [...new Set(phases)],
    ['sending-inputs', 'building', 'receiving-outputs', 'post-processing'],
  );
  assert.deepEqual(imported.toSorted(), ['base-A', 'hello-A', 'hello-A-dev', 'structured-A']);
  assert.equal(reports.length, 4);
  checkReports(reports);
});

function checkReports(reports: readonly AttemptReport[]): void {
  const outputs = reports.flatMap(({ result }): [string, ReportedOutput][] =>
    result.type === 'succeeded' ? [...result.outputs] : [],
  );
  assert.deepEqual(outputs.map(([name, { path }]) => `${name} ${nameOf(path)}`).toSorted(), [
    'dev hello-A-dev',
    'out base-A',
    'out hello-A',
    'out structured-A',
  ]);
  const hello = outputs.find(([, { path }]) => nameOf(path) === 'hello-A')?.[1].nixSupport;
  assert.equal(hello?.releaseName, 'hello-1.0');
  assert.deepEqual(hello.metrics, [{ name: 'lines', unit: 'kB', value: 17 }]);
  assert.deepEqual(
    hello.products.map(({ type, subtype, name, fileSize }) => ({ type, subtype, name, fileSize })),
    [{ type: 'file', subtype: 'binary-dist', name: 'my file.txt', fileSize: 8 }],
  );
  const [failed] = reports.flatMap(({ result }) => (result.type === 'failed' ? [result] : []));
  assert.equal(failed?.failure, 'build-failed');
  assert.match(failed.message ?? '', /failing-A.drv' failed: permanent failure \(see log\)$/);
}

async function hearTunnel(endpoint: string): Promise<FromRunner[]> {
  await using client = connectRunner(endpoint, { storeDirectory: defaultStoreDirectory });
  const tunnel = client.openTunnel(aJoin());
  const heard: FromRunner[] = [];
  for await (const message of tunnel.messages) {
    heard.push(message);
    if (message.type === 'abort') tunnel.close();
  }
  return heard;
}

test("our builder understands all that Hydra's runner says", async () => {
  await using runner = await playRunner(readConversation('hydra-runner'));
  await using client = connectRunner(runner.endpoint, { storeDirectory: defaultStoreDirectory });
  const machine = aJoin().machine;
  const answer = await client.checkVersion({ machine, hostname: 'ares' });
  assert.deepEqual(answer, { type: 'compatible', version: '0.1.0-5f82f0f0' });

  const [joined, ...messages] = await hearTunnel(runner.endpoint);
  assert.equal(joined?.type, 'joined');
  assert.deepEqual(
    [joined.dialect, joined.answer.maxConcurrentDownloads, joined.answer.leaseSeconds],
    [0, 5, 0],
  );
  const orders = new Map<string, BuildOrder>();
  for (const message of messages) {
    if (message.type === 'build') orders.set(nameOf(message.order.derivationPath), message.order);
  }
  checkOrders(orders);
  const abort = messages.find(({ type }) => type === 'abort');
  assert.ok(abort?.type === 'abort');
  assert.equal(abort.attempt, orders.get('slow-B')?.attempt);

  const fetched = await client.fetchPaths([]);
  assert.deepEqual(await checkArchives(fetched), ['source.txt']);
});

function checkOrders(orders: ReadonlyMap<string, BuildOrder>): void {
  assert.deepEqual([...orders.keys()].toSorted(), [
    'base-B',
    'failing-B',
    'hello-B',
    'slow-B',
    'structured-B',
  ]);
  const hello = orders.get('hello-B');
  assert.ok(hello);
  assert.deepEqual([...hello.derivation.outputs.keys()].toSorted(), ['dev', 'out']);
  assert.deepEqual(hello.derivation.inputSources.map(nameOf), ['base-B']);
  assert.deepEqual(
    [hello.maxLogBytes, hello.maxOutputBytes, hello.maxSilentSeconds, hello.timeoutSeconds],
    [100_000, 1_000_000, 3_600, 36_000],
  );
  assert.equal(hello.presignedUpload, null);
  const structured = orders.get('structured-B')?.derivation.environment;
  const attributes = [...(structured ?? [])].find(([name]) => toUtf8(name) === '__json')?.[1];
  assert.match(toUtf8(attributes ?? fromUtf8('')), /"big":9007199254740993[,}]/);
}
