import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { BuildResult } from '../daemon/build-result.ts';
import { DaemonConnection } from '../daemon/connection.ts';
import type { DaemonEvent } from '../daemon/event.ts';
import { newestVersion, oldestVersion, since } from '../daemon/protocol.ts';
import { computeHash, printHash } from '../hash/hash.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import { defaultStoreDirectory, parseBaseName, printStorePath } from '../store-path/store-path.ts';
import { ages } from '../testing/ages.ts';
import { scriptDerivation } from '../testing/index.ts';
import type { Handlers } from './handlers.ts';
import { serveClient } from './serve-client.ts';
import { serveDaemon } from './serve-daemon.ts';

const run = promisify(execFile);
const path = parseBaseName(`${'1'.repeat(32)}-path`);
const reference = parseBaseName(`${'2'.repeat(32)}-reference`);
const nar = Buffer.from(
  ['nix-archive-1', '(', 'type', 'regular', 'contents', 'text', ')'].map(asWord).join(''),
);
const info: PathInfo = {
  path,
  deriver: null,
  narHash: computeHash('sha256', nar),
  narSize: nar.length,
  references: [reference],
  registrationTime: 1,
  ultimate: false,
  signatures: ['key:signature'],
  contentAddress: null,
};
const result: BuildResult = {
  status: 'built',
  message: '',
  timesBuilt: 0,
  isNonDeterministic: false,
  startTime: 0,
  stopTime: 0,
  cpuUserMicroseconds: null,
  cpuSystemMicroseconds: null,
  outputs: new Map([['out', path]]),
};
const build = scriptDerivation(defaultStoreDirectory, { name: 'build', script: 'true' });

test('what a handler answers arrives, in every version of the protocol', async () => {
  const added: Buffer[] = [];
  const handlers: Handlers = {
    setOptions() {},
    queryPathInfo: (request) => (request.path === path ? info : null),
    narFromPath: () => pieces(nar, 7),
    async addToStoreNar(request, { data }) {
      assert.deepEqual(request.info, info);
      added.push(await buffer(data));
    },
    async addToStore({ name, method }, { data }) {
      assert.deepEqual([name, method], ['added', 'nar']);
      added.push(await buffer(data));
      return { path };
    },
    async buildDerivation(request, { tell }) {
      assert.equal(request.path, build.path);
      assert.deepEqual(request.derivation.environment, build.derivation.environment);
      const activity = { type: 'build', derivation: 'x.drv', machine: '' } as const;
      await tell({ type: 'activity-started', id: 1n, parent: 0n, level: 3, text: '', activity });
      await tell({ type: 'log-line', id: 1n, line: Buffer.from('a line'), of: 'builder' });
      await tell({ type: 'text', text: Buffer.from('a word\n') });
      await tell({ type: 'activity-stopped', id: 1n });
      return { ...result, outputs: new Map([['out', build.output]]) };
    },
  };
  const minors = Array.from(
    { length: newestVersion.minor - oldestVersion.minor + 1 },
    (_, index) => oldestVersion.minor + index,
  );
  for (const newestMinor of minors) {
    await using connection = await connectTo(handlers, newestMinor);
    assert.equal(connection.protocol.minor, newestMinor);
    await connection.setOptions({ buildCores: 3 });
    assert.deepEqual(await connection.queryPathInfos([path, reference]), [info, null]);
    assert.deepEqual(await buffer(connection.narFromPath(path, nar.length)), nar);
    await connection.addToStoreNar(info, pieces(nar, 11));
    assert.deepEqual(added.pop(), nar);
    const how = { method: 'nar', algorithm: 'sha256' } as const;
    if (newestMinor < since.framedAddToStore)
      assert.equal(await connection.addToStore('added', how, pieces(nar, 5)), path);
    const log: string[] = [];
    const events: DaemonEvent['type'][] = [];
    const built = await connection.buildDerivation(build.path, build.derivation, {
      onLog: (line) => void log.push(Buffer.from(line).toString()),
      onEvent: ({ type }) => void events.push(type),
    });
    assert.equal(built.outputs.get('out'), build.output);
    assert.deepEqual(log, ['a line', 'a word']);
    assert.deepEqual(events, ['activity-started', 'log-line', 'text', 'activity-stopped']);
  }
});

test('an error of a handler, or no handler, is told, and the next request is heard', async () => {
  const handlers: Handlers = {
    isValidPath: () => true,
    ensurePath: () => Promise.reject(new Error('it is nowhere')),
    addToStoreNar: () => Promise.reject(new Error('the disk is full')),
  };
  await using connection = await connectTo(handlers);
  await assert.rejects(connection.ensurePath(path), {
    kind: 'operation',
    message: 'it is nowhere',
  });
  await assert.rejects(connection.addToStoreNar(info, pieces(nar, 3)), {
    message: 'the disk is full',
  });
  await assert.rejects(connection.queryReferrers(path), {
    message: 'QueryReferrers is not served here',
  });
  assert.equal(await connection.isValidPath(path), true);
});

test('a handler hears when its client goes away', async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const handlers: Handlers = {
    isValidPath: (_, { signal }) =>
      new Promise((resolve) => {
        begun.resolve();
        signal.addEventListener('abort', () => {
          ended.resolve();
          resolve(false);
        });
      }),
  };
  const directory = await mkdtemp(join(tmpdir(), 'nix-'));
  const address = { socketPath: join(directory, 'socket'), storeDirectory: defaultStoreDirectory };
  await using _server = await serveDaemon(address, { handlers });
  const connection = await DaemonConnection.connect(address);
  const answer = assert.rejects(connection.isValidPath(path), { kind: 'closed' });
  await begun.promise;
  connection.destroy();
  await answer;
  await ended.promise;
  await rm(directory, { recursive: true });
});

for (const { name, programs } of ages)
  describe(`the commands of ${name}`, () => {
    let directory: string;

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'nix-'));
    });
    after(() => rm(directory, { recursive: true }));

    const nix = async (program: string, ...parameters: readonly string[]) => {
      const { stdout } = await run(
        programs === undefined ? program : join(programs, program),
        ['--option', 'experimental-features', 'nix-command', ...parameters],
        { env: environment(directory) },
      );
      return stdout;
    };

    test('talk to a daemon that is made of handlers', async () => {
      const told: string[] = [];
      const handlers: Handlers = {
        setOptions() {},
        addTempRoot() {},
        isValidPath: (request) => request.path === path,
        queryPathInfo: (request) => (request.path === path ? { ...info, references: [] } : null),
        queryReferrers: () => [path],
        queryMissing: () => ({
          willBuild: [],
          willSubstitute: [],
          unknown: [],
          downloadSizeInBytes: 0,
          narSizeInBytes: 0,
        }),
        async addToStore({ name: added, method }, { data }) {
          told.push(`${added} as ${method}, ${(await buffer(data)).length} bytes`);
          return { path, info: { ...info, references: [] } };
        },
        addTextToStore: () => path,
        addToStoreNar() {},
      };
      const address = {
        socketPath: join(directory, 'socket'),
        storeDirectory: defaultStoreDirectory,
      };
      await using _server = await serveDaemon(address, { handlers });
      const full = printStorePath(defaultStoreDirectory, path);
      const hash = `sha256:${printHash(info.narHash, 'nix32')}\n`;
      assert.equal(await nix('nix-store', '--query', '--hash', full), hash);
      assert.equal(await nix('nix-store', '--query', '--referrers', full), `${full}\n`);
      await assert.rejects(nix('nix-store', '--query', '--hash', `${full}-not`));
      const file = join(directory, 'file');
      await writeFile(file, 'contents');
      assert.equal(await nix('nix-store', '--add', file), `${full}\n`);
      assert.deepEqual(told, ['file as nar, 120 bytes']);
    });
  });

function environment(directory: string): NodeJS.ProcessEnv {
  return {
    HOME: directory,
    NIX_REMOTE: `unix://${join(directory, 'socket')}`,
    NIX_CONF_DIR: directory,
    NIX_USER_CONF_FILES: '',
    PATH: process.env['PATH'],
  };
}

async function connectTo(handlers: Handlers, newestMinor?: number): Promise<DaemonConnection> {
  const [client, server] = duplexPair();
  // What a client does wrong, its test says.
  serveClient(server, {
    storeDirectory: defaultStoreDirectory,
    handlers,
    ...(newestMinor === undefined ? {} : { newestMinor }),
  }).catch(() => {});
  return DaemonConnection.over(client, defaultStoreDirectory);
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

/** A string with its length and padding. */
function asWord(text: string): string {
  const padded = Math.ceil(text.length / 8) * 8;
  return String.fromCharCode(text.length) + '\0'.repeat(7) + text.padEnd(padded, '\0');
}
