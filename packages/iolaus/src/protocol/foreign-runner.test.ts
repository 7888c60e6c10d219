import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { Http2Server } from 'node:http2';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { Code, ConnectError } from '@connectrpc/connect';
import type { ServiceImpl } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { defaultStoreDirectory } from '@iolaus/nix';
import { boundAddress, localEndpoint } from './bind.ts';
import { connectRunner } from './client/runner-client.ts';
import type { RunnerClient } from './client/runner-client.ts';
import { RunnerService } from './generated/runner/v1/runner_pb.ts';
import { each, gather } from './testing/pieces.ts';
import { aDerivation, aJoin, aMachine, anAttempt, anInfo, aPath } from './testing/runner-pair.ts';

// Our builder's end against a runner that speaks gRPC by another implementation, so that ours do not just understand each other.

const machineId = aMachine();
const buildId = anAttempt();

/** A runner of somebody else's make, and our client of it. */
async function foreignRunner(
  implementation: Partial<ServiceImpl<typeof RunnerService>>,
): Promise<AsyncDisposable & { readonly client: RunnerClient }> {
  const server: Http2Server = createServer(
    connectNodeAdapter({ routes: (router) => router.service(RunnerService, implementation) }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectRunner(localEndpoint(boundAddress(server)), {
    storeDirectory: defaultStoreDirectory,
    token: 'secret',
  });
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      server.close();
      await once(server, 'close');
    },
  };
}

test('our builder asks again in the dialect of an older runner that it speaks', async () => {
  const offered: string[] = [];
  await using runner = await foreignRunner({
    checkVersion: async ({ version }) => {
      offered.push(version);
      return { compatible: version === '0.1.0-dffd1b61', serverVersion: '0.1.0-dffd1b61' };
    },
  });
  const identity = { machine: machineId, hostname: 'x' };
  const answer = await runner.client.checkVersion(identity);
  assert.deepEqual(answer, { type: 'compatible', version: '0.1.0-dffd1b61' });
  assert.deepEqual(offered, ['0.1.0-5f82f0f0', '0.1.0-dffd1b61']);
});

test('our builder takes a runner of an unknown dialect for incompatible', async () => {
  await using runner = await foreignRunner({
    checkVersion: async () => ({ compatible: false, serverVersion: '0.1.0-45c8c09d' }),
  });
  assert.deepEqual(await runner.client.checkVersion({ machine: machineId, hostname: 'x' }), {
    type: 'incompatible',
    runnerVersion: '0.1.0-45c8c09d',
  });
});

test('a foreign runner understands our builder', async () => {
  const heard: unknown[] = [];
  await using runner = await foreignRunner({
    hasPath: async ({ path }, { requestHeader }) => {
      heard.push(path, requestHeader.get('authorization'));
      return { hasPath: true };
    },
    buildLog: async (chunks) => {
      const all = await gather(chunks);
      heard.push(all[0]?.drv?.path);
      heard.push(String(zstdDecompressSync(Buffer.concat(all.map(({ data }) => data)))));
      return {};
    },
    buildResult: async (messages) => {
      for await (const { content } of messages) heard.push(content.case);
      return {};
    },
    async *openTunnel(requests) {
      for await (const { message } of requests) {
        heard.push(message.case);
        if (message.case !== 'join') return;
        yield { message: { case: 'join', value: { machineId, maxConcurrentDownloads: 3 } } };
        yield { message: { case: undefined } };
        yield { message: { case: 'build', value: { buildId } } };
      }
    },
  });
  const { client } = runner;
  assert.equal(await client.hasPath(aPath('x')), true);
  const log = {
    derivation: aDerivation('x'),
    attempt: buildId,
    offset: 0,
    data: each([Buffer.from('hi\n')]),
  };
  await client.sendLog(log);
  const nar = () => each([Buffer.from('nar')]);
  await client.sendPaths({ infos: [anInfo(aPath('x'), 3)], nar });
  const tunnel = client.openTunnel(aJoin());
  const messages = [];
  for await (const message of tunnel.messages) {
    messages.push(message);
    if (message.type === 'unreadable-build') {
      await tunnel.send({
        type: 'step-update',
        update: { attempt: buildId, machine: machineId, phase: 'preparing' },
      });
    }
  }
  const answer = { maxConcurrentDownloads: 3, sharesStore: false, takenBack: [], leaseSeconds: 0 };
  assert.deepEqual(messages, [
    { type: 'joined', answer, dialect: 0 },
    { type: 'unreadable-build', attempt: buildId, message: 'missing drv' },
  ]);
  assert.deepEqual(heard, [
    aPath('x'),
    'Bearer secret',
    aDerivation('x'),
    'hi\n',
    'header',
    'narChunk',
    'join',
    'stepUpdate',
  ]);
});

test('the status of a foreign runner is understood', async () => {
  await using runner = await foreignRunner({
    hasPath: async () => {
      throw new ConnectError('größer als erlaubt', Code.ResourceExhausted);
    },
  });
  await assert.rejects(runner.client.hasPath(aPath('x')), {
    status: 'resource-exhausted',
    message: 'größer als erlaubt',
  });
  await assert.rejects(runner.client.fetchRequisites([]), { status: 'unimplemented' });
});
