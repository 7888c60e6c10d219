import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fault } from '../fault/fault.ts';
import { parseBuilderFlags } from './builder/builder-flags.ts';
import type { BuilderFlags } from './builder/builder-flags.ts';
import { parseRunnerFlags, readCertificates } from './runner/runner-flags.ts';
import type { RunnerFlags } from './runner/runner-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'flags-'));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, `${name}\n`);
  return path;
};
const [token, ca, cert, key] = [file('token'), file('ca'), file('cert'), file('key')];
const missing = join(folder, 'missing');

const isMisuse = (text: RegExp) => (error: unknown) =>
  error instanceof Fault && error.exitStatus === 2 && text.test(error.message);

const tcp = (host: string, port: number) => ({ type: 'tcp', host, port }) as const;

const runnerDefaults: RunnerFlags = {
  configFile: null,
  grpcBind: tcp('::1', 50_051),
  restBind: tcp('::1', 8_080),
  certificates: null,
  followsQueue: true,
  standsBy: false,
  checksOnly: false,
  dataDirectory: null,
  databaseUrl: null,
};

const certificates = { certificate: cert, key, clientAuthority: ca };
const certificateFlags = `--server-cert-path ${cert} --server-key-path ${key} --client-ca-cert-path ${ca}`;

const runnerTable: readonly [string, Partial<RunnerFlags>, NodeJS.ProcessEnv?][] = [
  ['', {}],
  ['-c x.toml', { configFile: 'x.toml' }],
  ['--config-path x.toml', { configFile: 'x.toml' }],
  ['-r 127.0.0.1:80', { restBind: tcp('127.0.0.1', 80) }],
  ['--rest-bind [::]:80', { restBind: tcp('::', 80) }],
  ['', { databaseUrl: 'postgres:///x' }, { HYDRA_DATABASE_URL: 'postgres:///x' }],
  ['', {}, { HYDRA_DATABASE_URL: '' }],
  ['-r -', { restBind: { type: 'inherited', descriptor: 3 } }, { LISTEN_FDS: '2' }],
  ['-g 0.0.0.0:1', { grpcBind: tcp('0.0.0.0', 1) }],
  ['--grpc-bind /run/grpc', { grpcBind: { type: 'unix', path: '/run/grpc' } }],
  ['-g -', { grpcBind: { type: 'inherited', descriptor: 4 } }, { LISTEN_FDS: '2' }],
  [certificateFlags, { certificates }],
  ['--disable-queue-monitor-loop', { followsQueue: false }],
  ['', { databaseUrl: 'postgres:///x' }, { HYDRA_DATABASE_URL: 'postgres:///x' }],
  ['--standby', { standsBy: true }],
  ['--check', { checksOnly: true }],
];

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

for (const [line, expected, environment = {}] of runnerTable) {
  test(`the runner takes '${line.replaceAll(folder, '')}' ${JSON.stringify(environment)}`, () => {
    const flags = parseRunnerFlags(words(line), environment);
    assert.deepEqual(flags, { ...runnerDefaults, ...expected });
  });
}

test('the runner reads its certificates, and refuses what it cannot', () => {
  assert.deepEqual(readCertificates(certificates), {
    certificate: 'cert',
    key: 'key',
    clientAuthority: 'ca',
  });
  assert.throws(() => readCertificates({ ...certificates, key: missing }), isMisuse(/missing/));
  const refuse = (line: string, text: RegExp): void =>
    assert.throws(() => parseRunnerFlags(words(line), {}), isMisuse(text));
  refuse(`--server-cert-path ${cert}`, /not complete/);
  refuse('-r nowhere', /no address/);
  refuse('-g -', /no socket 'grpc'/);
  refuse('--nonsense', /nonsense/);
  refuse('extra', /extra/);
});

const builderDefaults: BuilderFlags = {
  gatewayEndpoint: 'http://[::1]:50051',
  configFile: null,
  token: null,
  tls: null,
  hostname: null,
  stateDirectory: null,
  idleTime: null,
  exitHook: undefined,
  interruptionNotice: undefined,
};

const tlsFlags =
  `--server-root-ca-cert-path ${ca} --client-cert-path ${cert} --client-key-path ${key} ` +
  '--domain-name runner.example';

const builderTable: readonly [string, Partial<BuilderFlags>, NodeJS.ProcessEnv?][] = [
  ['', {}],
  ['-c x.toml', { configFile: 'x.toml' }],
  ['--config-path x.toml', { configFile: 'x.toml' }],
  ['-g https://runner', { gatewayEndpoint: 'https://runner' }],
  ['--gateway-endpoint unix:///run/x', { gatewayEndpoint: 'unix:///run/x' }],
  [`--authorization-file ${token}`, { token: 'token' }],
  [
    tlsFlags,
    { tls: { authority: 'ca', certificate: 'cert', key: 'key', domainName: 'runner.example' } },
  ],
  ['--hostname ares', { hostname: 'ares' }],
  ['--state-dir /var/x', { stateDirectory: '/var/x' }],
  ['', { stateDirectory: '/var/y' }, { STATE_DIRECTORY: '/var/y' }],
  ['', {}, { STATE_DIRECTORY: '' }],
];

for (const [line, expected, environment = {}] of builderTable) {
  test(`the builder takes '${line.replaceAll(folder, '')}' ${JSON.stringify(environment)}`, () => {
    const flags = parseBuilderFlags(words(line), environment);
    assert.deepEqual(flags, { ...builderDefaults, ...expected });
  });
}

test('the builder refuses what keeps others out and is not whole', () => {
  const refuse = (line: string, text: RegExp): void =>
    assert.throws(() => parseBuilderFlags(words(line), {}), isMisuse(text));
  refuse(`--authorization-file ${missing}`, /token file .* cannot be read/);
  writeFileSync(join(folder, 'lines'), 'one\nother\n');
  refuse(`--authorization-file ${join(folder, 'lines')}`, /lines is no token/);
  refuse('--domain-name runner', /not complete/);
  refuse(tlsFlags.replace(key, missing), /missing/);
  for (const flag of ['--hostname', '--state-dir'])
    assert.throws(() => parseBuilderFlags([flag, ''], {}), isMisuse(/is empty/));
  refuse('--nonsense', /nonsense/);
});
