import { createSecureContext } from 'node:tls';
import { create } from '@bufbuild/protobuf';
import type { StoreDirectory, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { AttemptReport, StepUpdate } from '../attempt-report.ts';
import { Connection } from '../call/connection.ts';
import type { KeepAlivePace } from '../call/keep-alive.ts';
import { isEncrypted, parseEndpoint } from '../call/endpoint.ts';
import type { ClientTls } from '../call/endpoint.ts';
import { useCertificates } from '../certificates.ts';
import { invoke, invokeDownload, invokeUpload } from '../call/invoke.ts';
import type { CallOptions } from '../call/invoke.ts';
import { openTunnel } from './open-tunnel.ts';
import type {
  FinishedUpload,
  PartGrant,
  PartsRequest,
  UploadGrant,
  UploadRequest,
} from '../direct-upload.ts';
import { RunnerService } from '../generated/runner/v1/runner_pb.ts';
import { VersionCheckRequestSchema } from '../generated/runner/v1/version_pb.ts';
import type { MachineUuid } from '../identity.ts';
import type { Join } from '../join.ts';
import { encodeLog } from '../streams/log-stream.ts';
import { decodeStorePaths, encodeStorePaths } from '../streams/store-stream.ts';
import type { IncomingPaths, OutgoingLog, OutgoingPaths } from '../store-transfer.ts';
import { toAttemptReportMessage, toStepUpdateMessage } from '../translation/attempt-report.ts';
import {
  fromPartMessages,
  fromUploadGrantsMessage,
  toFinishedUploadMessage,
  toPartsRequestMessage,
  toUploadRequestMessage,
} from '../translation/direct-upload.ts';
import {
  fromStorePathMessages,
  toStorePathMessage,
  toStorePathsMessage,
} from '../translation/store-path.ts';
import type { BuilderTunnel } from '../tunnel.ts';
import { protocolVersion, spokenVersions } from '../version.ts';

export type { CallOptions } from '../call/invoke.ts';
export type { ClientTls } from '../call/endpoint.ts';

/** Which dialect the runner speaks, or what it said if it is none of ours. */
export type VersionAnswer =
  | { readonly type: 'compatible'; readonly version: string }
  | { readonly type: 'incompatible'; readonly runnerVersion: string };

export type BuilderIdentity = { readonly machine: MachineUuid; readonly hostname: string };

/**
 * What a builder can ask of its runner, over one HTTP/2 connection that is dialled when it is needed and dialled
 * again after it broke. Every method rejects with `CallError` and nothing else, but for what a caller's own
 * iterables and functions throw. Nothing is tried again by itself.
 */
export interface RunnerClient extends AsyncDisposable {
  /** Offers our version, and once more the runner's own if that is one we speak. */
  checkVersion(builder: BuilderIdentity, options?: CallOptions): Promise<VersionAnswer>;
  openTunnel(join: Join, options?: CallOptions): BuilderTunnel;
  /** Resolves when the log is written. To be opened when the build starts: pieces are sent as they come. */
  sendLog(log: OutgoingLog, options?: CallOptions): Promise<void>;
  /** `BuildResult`: resolves when the runner has imported all of them. */
  sendPaths(paths: OutgoingPaths, options?: CallOptions): Promise<void>;
  updateStep(update: StepUpdate, options?: CallOptions): Promise<void>;
  /** Resolves when the report is recorded. */
  completeBuild(report: AttemptReport, options?: CallOptions): Promise<void>;
  /** The closure of the paths, themselves included, dependencies first. */
  fetchRequisites(
    paths: readonly StorePath[],
    options?: CallOptions,
  ): Promise<readonly StorePath[]>;
  hasPath(path: StorePath, options?: CallOptions): Promise<boolean>;
  /** Resolves when the header has come; the archives follow with `importEach`, which has to be called. */
  fetchPaths(paths: readonly StorePath[], options?: CallOptions): Promise<IncomingPaths>;
  /** What of these the cache lacks, and where to put it. */
  requestUploads(request: UploadRequest, options?: CallOptions): Promise<readonly UploadGrant[]>;
  requestParts(request: PartsRequest, options?: CallOptions): Promise<readonly PartGrant[]>;
  /** Resolves when the path has its narinfo. */
  finishUpload(upload: FinishedUpload, options?: CallOptions): Promise<void>;
  /** Ends all calls and the connection. */
  close(): void;
}

export type RunnerClientOptions = {
  /** Sent as "Bearer …" with every call. */
  readonly token?: string;
  /** For a runner that wants to know its builders by certificate; `https://` endpoints only. */
  readonly tls?: ClientTls;
  readonly storeDirectory: StoreDirectory;
  /** How soon a connection that leads nowhere is noticed; within forty seconds by default. */
  readonly pace?: KeepAlivePace;
};

const { method } = RunnerService;

/**
 * A client for the runner at `http://host:port`, `https://host:port` or `unix:///path`. Dials at the first call.
 * Throws `Fault` ('bad-configuration') for any other endpoint.
 */
export function connectRunner(endpoint: string, options: RunnerClientOptions): RunnerClient {
  const { token, tls, storeDirectory } = options;
  const parsed = parseEndpoint(endpoint);
  if (tls !== undefined && !isEncrypted(parsed)) {
    throw new Fault('bad-configuration', `certificates are of no use for ${endpoint}`, {
      remedy: 'Dial https://…: with http:// everything, a token too, would go in the clear.',
    });
  }
  // Better said now than at every dialling.
  if (tls !== undefined) useCertificates('the runner', tls, createSecureContext);
  return new DiallingClient(
    new Connection(parsed, token, tls ?? null, options.pace),
    storeDirectory,
  );
}

class DiallingClient implements RunnerClient {
  readonly #connection: Connection;
  readonly #directory: StoreDirectory;

  constructor(connection: Connection, directory: StoreDirectory) {
    this.#connection = connection;
    this.#directory = directory;
  }

  async checkVersion(builder: BuilderIdentity, options?: CallOptions): Promise<VersionAnswer> {
    const runnerVersion = await this.#offerVersion(protocolVersion, builder, options);
    if (runnerVersion === null) return { type: 'compatible', version: protocolVersion };
    if (spokenVersions.has(runnerVersion) && runnerVersion !== protocolVersion) {
      const refusal = await this.#offerVersion(runnerVersion, builder, options);
      if (refusal === null) return { type: 'compatible', version: runnerVersion };
    }
    return { type: 'incompatible', runnerVersion };
  }

  openTunnel(join: Join, options?: CallOptions): BuilderTunnel {
    return openTunnel(this.#connection, this.#directory, join, options);
  }

  async sendLog(log: OutgoingLog, options?: CallOptions): Promise<void> {
    await invokeUpload(this.#connection, method.buildLog, encodeLog(log), options);
  }

  async sendPaths(paths: OutgoingPaths, options?: CallOptions): Promise<void> {
    const messages = encodeStorePaths(this.#directory, paths);
    await invokeUpload(this.#connection, method.buildResult, messages, options);
  }

  async updateStep(update: StepUpdate, options?: CallOptions): Promise<void> {
    const message = toStepUpdateMessage(update);
    await invoke(this.#connection, method.buildStepUpdate, message, options);
  }

  async completeBuild(report: AttemptReport, options?: CallOptions): Promise<void> {
    const message = toAttemptReportMessage(report);
    await invoke(this.#connection, method.completeBuild, message, options);
  }

  async fetchRequisites(
    paths: readonly StorePath[],
    options?: CallOptions,
  ): Promise<readonly StorePath[]> {
    const request = toStorePathsMessage(paths);
    const answer = await invoke(this.#connection, method.fetchRequisites, request, options);
    return fromStorePathMessages('requisites', answer.requisites);
  }

  async hasPath(path: StorePath, options?: CallOptions): Promise<boolean> {
    const request = toStorePathMessage(path);
    const answer = await invoke(this.#connection, method.hasPath, request, options);
    return answer.hasPath;
  }

  async fetchPaths(paths: readonly StorePath[], options: CallOptions = {}): Promise<IncomingPaths> {
    const done = new AbortController();
    const signals = options.signal === undefined ? [] : [options.signal];
    const signal = AbortSignal.any([done.signal, ...signals]);
    const request = toStorePathsMessage(paths);
    const messages = invokeDownload(this.#connection, method.fetchPaths, request, { signal });
    const incoming = await decodeStorePaths(this.#directory, messages).catch((error: unknown) => {
      done.abort();
      throw error;
    });
    return {
      attempt: incoming.attempt,
      infos: incoming.infos,
      importEach: (importPath) => incoming.importEach(importPath).finally(() => done.abort()),
    };
  }

  async requestUploads(
    request: UploadRequest,
    options?: CallOptions,
  ): Promise<readonly UploadGrant[]> {
    const message = toUploadRequestMessage(request);
    const answer = await invoke(this.#connection, method.requestPresignedUrl, message, options);
    return fromUploadGrantsMessage(answer);
  }

  async requestParts(request: PartsRequest, options?: CallOptions): Promise<readonly PartGrant[]> {
    const message = toPartsRequestMessage(request);
    const answer = await invoke(this.#connection, method.requestMultipartParts, message, options);
    return fromPartMessages(answer.parts);
  }

  async finishUpload(upload: FinishedUpload, options?: CallOptions): Promise<void> {
    const message = toFinishedUploadMessage(this.#directory, upload);
    await invoke(this.#connection, method.notifyPresignedUploadComplete, message, options);
  }

  close(): void {
    this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** What the runner speaks instead, or null if it accepts. */
  async #offerVersion(
    version: string,
    { machine, hostname }: BuilderIdentity,
    options: CallOptions | undefined,
  ): Promise<string | null> {
    const request = create(VersionCheckRequestSchema, {
      version,
      machineId: machine,
      hostname,
      storeDir: this.#directory,
    });
    const answer = await invoke(this.#connection, method.checkVersion, request, options);
    return answer.compatible ? null : answer.serverVersion;
  }
}
