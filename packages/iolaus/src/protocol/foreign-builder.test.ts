import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { create } from '@bufbuild/protobuf';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import type { Client } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { Health } from './generated/grpc/health/v1/health_pb.ts';
import { RunnerService } from './generated/runner/v1/runner_pb.ts';
import { AddToStoreRequestSchema } from './generated/runner/v1/transfer_pb.ts';
import { BuilderRequestSchema } from './generated/runner/v1/tunnel_pb.ts';
import { each, gather, gatherBytes } from './testing/pieces.ts';
import {
  aDerivation,
  aJoin,
  aMachine,
  anAttempt,
  anInfo,
  aPath,
  startPair,
} from './testing/runner-pair.ts';
import type { RunnerPair } from './testing/runner-pair.ts';
import { spokenVersions } from './version.ts';
import { toBuilderRequest } from './translation/from-builder.ts';
import type { BuilderMessage } from './tunnel-message.ts';

// Our runner's end against a builder that speaks gRPC by another implementation, so that ours do not just understand each other.

const machineId = aMachine();
const buildId = anAttempt();

/** A builder of somebody else's make, at our runner. */
type Foreigner = AsyncDisposable & {
  readonly client: Client<typeof RunnerService>;
  readonly health: Client<typeof Health>;
};

function foreigner(pair: RunnerPair): Foreigner {
  // Node's own limit is 10 MB, and it is on the messages that it sends, too.
  const options = { maxSessionMemory: 512 };
  const sessionManager = new Http2SessionManager(pair.server.endpoint, {}, options);
  const transport = createGrpcTransport({
    baseUrl: pair.server.endpoint,
    sessionManager,
  });
  return {
    client: createClient(RunnerService, transport),
    health: createClient(Health, transport),
    [Symbol.asyncDispose]: async () => sessionManager.abort(),
  };
}

const failsWith = (code: Code, text: RegExp) => (error: unknown) =>
  error instanceof ConnectError && error.code === code && text.test(error.rawMessage);

test('versions that we speak are compatible, others are told ours, and another store is refused', async () => {
  await using pair = await startPair({});
  await using builder = foreigner(pair);
  const check = (version: string, storeDir = '/nix/store') =>
    builder.client.checkVersion({ version, machineId, hostname: 'x', storeDir });
  for (const version of spokenVersions) {
    assert.equal((await check(version)).compatible, true);
  }
  for (const version of ['0.1.0-45c8c09d', '0.1.0-c6439a43', '']) {
    const { compatible, serverVersion } = await check(version, '');
    assert.deepEqual([compatible, serverVersion], [false, '0.1.0-5f82f0f0']);
  }
  const text = /\/gnu\/store.*\/nix\/store/;
  const refusal = failsWith(Code.FailedPrecondition, text);
  await assert.rejects(check('0.1.0-5f82f0f0', '/gnu/store'), refusal);
});

test('a tunnel carries messages both ways, and passes over pings that cannot be read', async () => {
  const received: BuilderMessage[] = [];
  await using pair = await startPair({
    openTunnel: () => ({
      accept: { maxConcurrentDownloads: 0, sharesStore: false, takenBack: [], leaseSeconds: 0 },
      converse: async (tunnel) => {
        await tunnel.send({ type: 'ping' });
        for await (const message of tunnel.messages) received.push(message);
      },
      ended: () => {},
    }),
  });
  await using builder = foreigner(pair);
  const update = { attempt: buildId, machine: machineId, phase: 'building' } as const;
  const requests = [
    toBuilderRequest({ type: 'join', join: aJoin() }),
    create(BuilderRequestSchema, { message: { case: 'ping', value: { machineId: 'none' } } }),
    create(BuilderRequestSchema),
    toBuilderRequest({ type: 'join', join: aJoin() }),
    toBuilderRequest({ type: 'step-update', update }),
  ];
  const answers = await gather(builder.client.openTunnel(each(requests)));
  assert.deepEqual(
    answers.map(({ message }) => message.case),
    ['join', 'ping'],
  );
  const [first] = answers;
  assert.ok(first?.message.case === 'join');
  assert.equal(first.message.value.maxConcurrentDownloads, 1);
  assert.deepEqual(received, [{ type: 'step-update', update }]);
});

test('a tunnel that does not begin with a join, or with a bad one, is refused', async () => {
  await using pair = await startPair({});
  await using builder = foreigner(pair);
  const open = (...requests: ReturnType<typeof toBuilderRequest>[]) =>
    gather(builder.client.openTunnel(each(requests)));
  const update = { attempt: buildId, machine: machineId, phase: 'building' } as const;
  const noJoin = failsWith(Code.InvalidArgument, /first message must be a join/);
  await assert.rejects(open(), noJoin);
  await assert.rejects(open(toBuilderRequest({ type: 'step-update', update })), noJoin);
  const bad = create(BuilderRequestSchema, {
    message: { case: 'join', value: { machineId: '1' } },
  });
  await assert.rejects(
    open(bad),
    failsWith(Code.InvalidArgument, /bad machine_id: '1' is no UUID/),
  );
});

test('what is malformed is refused by name', async () => {
  await using pair = await startPair({});
  await using builder = foreigner(pair);
  await assert.rejects(
    builder.client.hasPath({ path: '/nix/store/x' }),
    failsWith(Code.InvalidArgument, /^bad path: '\/nix\/store\/x' is no store path/),
  );
  await assert.rejects(
    builder.client.buildStepUpdate({ buildId: 'x', machineId }),
    failsWith(Code.InvalidArgument, /^bad build_id/),
  );
  await assert.rejects(
    builder.client.completeBuild({ buildId, machineId: 'x' }),
    failsWith(Code.InvalidArgument, /^bad machine_id/),
  );
  await assert.rejects(
    builder.client.buildLog(each([])),
    failsWith(Code.Internal, /^Empty stream$/),
  );
});

test('a message of more than 50 MiB is refused before it is read', async () => {
  await using pair = await startPair({});
  await using builder = foreigner(pair);
  const errorMsg = 'x'.repeat(60 * 1024 * 1024);
  await assert.rejects(
    builder.client.completeBuild({ buildId, machineId, errorMsg }),
    failsWith(Code.OutOfRange, /^a message of \d+ bytes exceeds the limit of 52428800 bytes$/),
  );
});

test('uploads past the runner are refused as long as there is no store for them', async () => {
  await using pair = await startPair({});
  await using builder = foreigner(pair);
  const refusal = failsWith(Code.FailedPrecondition, /^no S3 store configured$/);
  await assert.rejects(builder.client.requestPresignedUrl({ buildId, machineId }), refusal);
  await assert.rejects(builder.client.requestMultipartParts({ buildId, machineId }), refusal);
  await assert.rejects(builder.client.notifyPresignedUploadComplete({ buildId }), refusal);
});

test('the health service answers without a token, and other services are not there', async () => {
  await using pair = await startPair({}, { tokens: () => [] });
  await using builder = foreigner(pair);
  assert.equal((await builder.health.check({})).status, 1);
  await assert.rejects(builder.health.check({ service: 'x' }), failsWith(Code.NotFound, /'x'/));
  await assert.rejects(builder.client.hasPath({}), failsWith(Code.Unauthenticated, /token/));
});

test('a log of raw chunks and store objects arrive from a foreign builder', async () => {
  const logs: string[] = [];
  const archives: string[] = [];
  await using pair = await startPair({
    receiveLog: async ({ derivation, attempt, data }) => {
      logs.push(derivation, String(attempt), String(await gatherBytes(data)));
    },
    receivePaths: async (paths) => {
      await paths.importEach(async ({ path }, nar) => {
        archives.push(path, String(await gatherBytes(nar)));
      });
    },
    fetchPaths: async ([path = aPath('none')]) => ({
      infos: [anInfo(path, 3)],
      nar: () => each([Buffer.from('nar')]),
    }),
  });
  await using builder = foreigner(pair);
  const frame = zstdCompressSync('building\n');
  const chunks = [
    { drv: { path: aDerivation('x') }, data: frame.subarray(0, 4) },
    { data: frame.subarray(4) },
  ];
  await builder.client.buildLog(each(chunks));
  assert.deepEqual(logs, [aDerivation('x'), 'null', 'building\n']);

  const fetched = await gather(builder.client.fetchPaths({ paths: [{ path: aPath('x') }] }));
  const contents = fetched.map(({ content }) => content);
  assert.deepEqual(
    contents.map((content) => content.case),
    ['header', 'narChunk'],
  );
  const [, chunk] = contents;
  assert.ok(chunk?.case === 'narChunk');
  assert.equal(String(zstdDecompressSync(chunk.value)), 'nar');
  await builder.client.buildResult(
    each(contents.map((content) => create(AddToStoreRequestSchema, { content }))),
  );
  assert.deepEqual(archives, [aPath('x'), 'nar']);
});
