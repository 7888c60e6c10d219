import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonConnection } from '../daemon/connection.ts';
import { newestVersion, oldestVersion } from '../daemon/protocol.ts';
import { parseBaseName } from '../store-path/store-path.ts';
import { ages } from '../testing/ages.ts';
import type { Age } from '../testing/ages.ts';
import { startPrivateDaemon } from '../testing/index.ts';
import type { PrivateDaemon } from '../testing/index.ts';
import { printTrace } from './trace.ts';
import type { Trace } from './trace.ts';
import { traceDaemon } from './tracing-proxy.ts';

const run = promisify(execFile);
const nowhere = parseBaseName(`${'0'.repeat(32)}-nowhere`);

for (const age of ages) describe(`between clients and ${age.name}`, () => testProxy(age));

function testProxy({ programs }: Age): void {
  let daemon: PrivateDaemon;

  before(async () => {
    daemon = await startPrivateDaemon({}, { programs });
  });
  after(() => daemon[Symbol.asyncDispose]());

  /** Has `use` talk through a proxy, and returns what was seen once everybody has hung up. */
  const traced = async (use: (socketPath: string) => Promise<unknown>): Promise<Trace[]> => {
    const seen: Trace[] = [];
    const ended = Promise.withResolvers<void>();
    const socketPath = join(daemon.directory, 'proxy');
    const proxy = await traceDaemon({
      socketPath,
      daemon: daemon.address,
      onTrace(trace) {
        seen.push(trace);
        if (trace.type === 'end' || trace.type === 'lost') ended.resolve();
      },
    });
    await use(socketPath);
    await ended.promise;
    await proxy[Symbol.asyncDispose]();
    return seen;
  };
  const through = (socketPath: string, newestMinor: number = newestVersion.minor) =>
    DaemonConnection.connect({ ...daemon.address, socketPath }, { newestMinor });

  test("a build by Nix's own command is seen, and works as it does without", async () => {
    const expression = `derivation {
      name = "traced"; system = builtins.currentSystem; builder = "/bin/sh";
      args = [ "-c" "echo a line of the log; echo > $out" ];
    }`;
    const env = { ...daemon.environment, NIX_REMOTE: `unix://${join(daemon.directory, 'proxy')}` };
    const seen = await traced(async () => {
      const { stdout } = await run('nix-build', ['--no-out-link', '--expr', expression], { env });
      assert.match(stdout, /-traced\n$/);
    });
    const asked = new Set(seen.filter(({ type }) => type === 'request').map(operationOf));
    for (const operation of ['SetOptions', 'AddToStore', 'QueryMissing'])
      assert.ok(asked.has(operation), operation);
    assert.ok(asked.has('BuildPaths') || asked.has('BuildPathsWithResults'));
    const lines = seen.map((trace) => printTrace(trace));
    assert.ok(lines.some((line) => /tells .*log-line.*a line of the log/.test(line)));
    assert.ok(lines.some((line) => /^AddToStore .*traced\.drv.*text/.test(line)));
    assert.equal(lines.at(-1), 'end');
  });

  test('every version of the protocol is understood to the end', async () => {
    for (let minor = oldestVersion.minor; minor <= newestVersion.minor; minor++) {
      const seen = await traced(async (socketPath) => {
        await using connection = await through(socketPath, minor);
        const path = await connection.addTextToStore(`text-${minor}`, 'text');
        const info = (await connection.queryPathInfo(path)) ?? assert.fail();
        const nar = await buffer(connection.narFromPath(path, info.narSize));
        const repair = { repair: true };
        await connection.addToStoreNar(info, onePiece(nar), repair);
        await assert.rejects(connection.ensurePath(nowhere), { kind: 'operation' });
        assert.equal(await connection.isValidPath(path), true);
      });
      const types = seen.map(({ type }) => type);
      assert.equal(types[0], 'greeting');
      assert.equal(types.at(-1), 'end');
      const data = seen.filter((trace) => trace.type === 'data').map(({ bytes }) => bytes);
      assert.deepEqual(data.slice(-2), [120, 120]);
      assert.equal(seen.filter(({ type }) => type === 'error').length, 1);
      assert.deepEqual(seen.at(-2), { type: 'reply', operation: 'IsValidPath', reply: true });
    }
  });

  test('what cannot be understood is handed on all the same', async () => {
    const seen = await traced(async (socketPath) => {
      const socket = createConnection(socketPath);
      socket.write(Buffer.alloc(16));
      socket.on('error', () => {});
      await buffer(socket).catch(() => {});
    });
    assert.deepEqual(
      seen.map(({ type }) => type),
      ['lost'],
    );
    assert.match(printTrace(seen[0] ?? assert.fail()), /^lost the thread: .*magic, byte 0/);
  });
}

function operationOf(trace: Trace): string {
  return 'operation' in trace ? trace.operation : '';
}

async function* onePiece(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}
