import { randomUUID } from 'node:crypto';
import {
  defaultStoreDirectory,
  derivationPath,
  fromUtf8,
  makeHash,
  parseBaseName,
} from '@iolaus/nix';
import type { DerivationPath, PathInfo, StorePath } from '@iolaus/nix';
import type { BuildOrder } from '../build-order.ts';
import { connectRunner } from '../client/runner-client.ts';
import type { RunnerClient } from '../client/runner-client.ts';
import { parseAttemptUuid, parseMachineUuid } from '../identity.ts';
import type { AttemptUuid, MachineUuid } from '../identity.ts';
import type { Join } from '../join.ts';
import { serveRunner } from '../server/runner-server.ts';
import type { RunnerHandlers, RunnerServer, RunnerServerOptions } from '../server/runner-server.ts';
import { required } from '../translation/field.ts';

/** A runner and a builder's client of it, over a real connection. */
export type RunnerPair = AsyncDisposable & {
  readonly server: RunnerServer;
  readonly client: RunnerClient;
};

type PairOptions = Partial<Pick<RunnerServerOptions, 'bind' | 'tokens'>> & {
  readonly token?: string;
};

/** The runner has the handlers that the test is about; others throw. */
export async function startPair(
  handlers: Partial<RunnerHandlers>,
  { token, ...options }: PairOptions = {},
): Promise<RunnerPair> {
  const server = await serveRunner({
    bind: '127.0.0.1:0',
    tokens: () => null,
    storeDirectory: defaultStoreDirectory,
    handlers: { ...unexpected, ...handlers },
    ...options,
  });
  const client = connectRunner(server.endpoint, {
    storeDirectory: defaultStoreDirectory,
    ...(token === undefined ? {} : { token }),
  });
  return {
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await server.close();
    },
  };
}

const refuse = (): never => {
  throw new Error('this test does not expect the call');
};

export const unexpected: RunnerHandlers = {
  openTunnel: refuse,
  receiveLog: refuse,
  receivePaths: refuse,
  updateStep: refuse,
  completeBuild: refuse,
  fetchRequisites: refuse,
  hasPath: refuse,
  fetchPaths: refuse,
};

export const anAttempt = (): AttemptUuid => required('uuid', parseAttemptUuid(randomUUID()));
export const aMachine = (): MachineUuid => required('uuid', parseMachineUuid(randomUUID()));

export const aPath = (name: string): StorePath => parseBaseName(`${'0'.repeat(32)}-${name}`);
export const aDerivation = (name: string): DerivationPath =>
  derivationPath(`${'1'.repeat(32)}-${name}.drv`);

/** Of a store object that claims this size. */
export const anInfo = (path: StorePath, narSize: number): PathInfo => ({
  path,
  deriver: null,
  narHash: makeHash('sha256', new Uint8Array(32)),
  narSize,
  references: [],
  registrationTime: 0,
  ultimate: false,
  signatures: [],
  contentAddress: null,
});

/** Of a build with an argument of this size. */
export const anOrder = (argumentBytes: number): BuildOrder => ({
  attempt: anAttempt(),
  fence: 7,
  derivationPath: aDerivation('hello'),
  derivation: {
    name: 'hello',
    outputs: new Map([['out', { type: 'input-addressed', path: aPath('hello') }]]),
    inputSources: [aPath('source')],
    system: fromUtf8('x86_64-linux'),
    builder: fromUtf8('/bin/sh'),
    arguments: [fromUtf8('x'.repeat(argumentBytes))],
    environment: new Map([[fromUtf8('out'), fromUtf8('…')]]),
  },
  maxLogBytes: 1,
  maxSilentSeconds: 2,
  timeoutSeconds: 3,
  maxOutputBytes: 4,
  presignedUpload: null,
});

export const aJoin = (): Join => ({
  machine: aMachine(),
  hostname: 'augeas',
  systems: ['x86_64-linux'],
  supportedFeatures: ['kvm'],
  mandatoryFeatures: [],
  cpuCount: 4,
  bogomips: 5000,
  speedFactor: 1,
  maxJobs: 4,
  totalMemoryBytes: 2 ** 33,
  buildDirectoryThreshold: 10,
  storeThreshold: 10,
  load1Threshold: 8,
  cpuPressureThreshold: 75,
  memoryPressureThreshold: 80,
  ioPressureThreshold: null,
  cgroups: false,
  substituters: [],
  useSubstitutes: false,
  nixVersion: 'nix (Nix) 2.31.2',
  storeIdentity: null,
  dialect: 1,
  builder: null,
  held: [],
});
