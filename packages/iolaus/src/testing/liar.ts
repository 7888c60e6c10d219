import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { create } from '@bufbuild/protobuf';
import { computeHash, knownOutputPaths } from '@iolaus/nix';
import type { DerivationPath, PathInfo, StoreDirectory, StorePath } from '@iolaus/nix';
import { unmeasured } from '../protocol/attempt-report.ts';
import type { AttemptReport, ReportedOutput } from '../protocol/attempt-report.ts';
import type { BuildOrder } from '../protocol/build-order.ts';
import { CallError } from '../protocol/call-error.ts';
import type { CallStatus } from '../protocol/call-error.ts';
import { Connection } from '../protocol/call/connection.ts';
import { parseEndpoint } from '../protocol/call/endpoint.ts';
import { invoke, invokeUpload } from '../protocol/call/invoke.ts';
import { connectRunner } from '../protocol/client/runner-client.ts';
import type { RunnerClient } from '../protocol/client/runner-client.ts';
import { StorePathSchema } from '../protocol/generated/nix/store/v1/store_pb.ts';
import { RunnerService } from '../protocol/generated/runner/v1/runner_pb.ts';
import { LogChunkSchema } from '../protocol/generated/runner/v1/transfer_pb.ts';
import type { AddToStoreRequest, LogChunk } from '../protocol/generated/runner/v1/transfer_pb.ts';
import type { AttemptUuid } from '../protocol/identity.ts';
import type { Join, Ping } from '../protocol/join.ts';
import { encodeLog } from '../protocol/streams/log-stream.ts';
import { encodeStorePaths } from '../protocol/streams/store-stream.ts';
import { aJoin, anAttempt, anInfo } from '../protocol/testing/runner-pair.ts';
import { toAttemptReportMessage } from '../protocol/translation/attempt-report.ts';
import type { FromRunner } from '../protocol/tunnel-message.ts';
import type { BuilderTunnel } from '../protocol/tunnel.ts';
import { until } from './live-farm.ts';

/** Only steps that want this go to liars, and nothing else does. */
export const forLiars = '{ requiredSystemFeatures = [ "lies" ]; }';

/** Somebody at the runner's door who may say whatever it likes. */
export interface Liar extends AsyncDisposable {
  readonly join: Join;
  readonly client: RunnerClient;
  readonly tunnel: BuilderTunnel;
  /** Resolves with what it is to build of this derivation. */
  orderOf(derivation: string): Promise<BuildOrder>;
  /** Resolves when it is told to stop an attempt. */
  abortOf(attempt: AttemptUuid): Promise<unknown>;
  /** Resolves when the runner has ended its tunnel; rejects with why. */
  readonly ended: Promise<void>;
  /** Names another path than a `StorePath` could be. */
  handOver(path: string, info: PathInfo, attempt: AttemptUuid): Promise<unknown>;
  /** The log of a derivation without saying of which attempt, as Hydra's builders send it. */
  sendLogOf(derivation: DerivationPath, text: string): Promise<unknown>;
  /** The same in a report, as its only output. */
  report(path: string, report: AttemptReport): Promise<unknown>;
}

export function openLiar(
  endpoint: string,
  storeDirectory: StoreDirectory,
  changes: Partial<Join> = {},
): Liar {
  const features = ['lies'];
  const join: Join = {
    ...aJoin(),
    systems: ['x86_64-linux', 'aarch64-linux'],
    hostname: 'sinon',
    supportedFeatures: features,
    mandatoryFeatures: features,
    ...changes,
  };
  const client = connectRunner(endpoint, { storeDirectory });
  const connection = new Connection(parseEndpoint(endpoint), undefined, null);
  const tunnel = client.openTunnel(join);
  const heard: FromRunner[] = [];
  const ended = (async () => {
    for await (const message of tunnel.messages) heard.push(message);
  })();
  ended.catch(() => {});
  void tunnel.send({ type: 'ping', ping: pingOf(join) });
  return {
    join,
    client,
    tunnel,
    ended,
    orderOf: async (derivation) => {
      const message = await until(() =>
        heard.find(
          (candidate) =>
            candidate.type === 'build' && candidate.order.derivationPath === derivation,
        ),
      );
      return message.type === 'build' ? message.order : assert.fail();
    },
    abortOf: (attempt) =>
      until(() => heard.some((said) => said.type === 'abort' && said.attempt === attempt)),
    handOver: (path, info, attempt) =>
      invokeUpload(
        connection,
        RunnerService.method.buildResult,
        renamed(path, encodeStorePaths(storeDirectory, { attempt, infos: [info], nar: zeros })),
      ),
    sendLogOf: (derivation, text) => {
      const log = {
        derivation,
        attempt: anAttempt(),
        offset: 0,
        data: Readable.from([Buffer.from(text)]),
      };
      return invokeUpload(connection, RunnerService.method.buildLog, unnamed(encodeLog(log)));
    },
    report: (path, report) => {
      const message = toAttemptReportMessage(report);
      for (const output of Object.values(message.outputInfos))
        output.path = create(StorePathSchema, { path });
      return invoke(connection, RunnerService.method.completeBuild, message);
    },
    async [Symbol.asyncDispose]() {
      connection.close();
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Whether a call was refused with this status. */
export const refusedAs = (status: CallStatus) => (error: unknown) =>
  error instanceof CallError && error.status === status;

/** All is well with it. */
export const pingOf = ({ machine }: Join): Ping => ({
  machine,
  load1: 0,
  load5: 0,
  load15: 0,
  memoryUsedBytes: 0,
  pressure: null,
  buildDirectoryFreePercent: 50,
  storeFreePercent: 50,
  pathsSubstituting: 0,
  pathsUploading: 0,
  pathsDownloading: 0,
});

/** It went well, and this came of it. */
export const successOf = (
  attempt: AttemptUuid,
  { machine }: Join,
  output?: ReportedOutput,
): AttemptReport => ({
  attempt,
  machine,
  ...unmeasured,
  result: {
    type: 'succeeded',
    outputs: new Map(output === undefined ? [] : [['out', output]]),
  },
});

/** What is true of it, as an output in a report. */
export const said = ({ path, narSize, narHash }: PathInfo): ReportedOutput => ({
  path,
  figures: { narSize, narHash, closureSize: narSize },
  nixSupport: null,
});

/** Where the only output of an order is to lie. */
export function outputOf({ derivation }: BuildOrder): StorePath {
  return knownOutputPaths(derivation).get('out') ?? assert.fail();
}

/** A file's archive, and how it would be registered at a path. */
export function archived(path: StorePath, text: string): { info: PathInfo; archive: Buffer } {
  const words = ['nix-archive-1', '(', 'type', 'regular', 'contents', text, ')'];
  const archive = Buffer.concat(words.map(archiveWord));
  return {
    info: { ...anInfo(path, archive.length), narHash: computeHash('sha256', archive) },
    archive,
  };
}

/** Its length in eight bytes, and zeros up to the next eight. */
function archiveWord(word: string): Buffer {
  const bytes = Buffer.alloc(8 + 8 * Math.ceil(word.length / 8));
  bytes.writeBigUInt64LE(BigInt(word.length));
  bytes.write(word, 8);
  return bytes;
}

async function* zeros({ narSize }: PathInfo): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(narSize);
}

async function* unnamed(chunks: AsyncIterable<LogChunk>): AsyncGenerator<LogChunk> {
  for await (const { drv, data } of chunks)
    yield create(LogChunkSchema, { ...(drv && { drv }), data });
}

async function* renamed(
  path: string,
  messages: AsyncIterable<AddToStoreRequest>,
): AsyncGenerator<AddToStoreRequest> {
  for await (const message of messages) {
    if (message.content.case === 'header')
      for (const info of message.content.value.pathInfos)
        info.path = create(StorePathSchema, { path });
    yield message;
  }
}
