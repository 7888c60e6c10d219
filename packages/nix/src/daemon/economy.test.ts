import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import type { Handlers } from '../daemon-server/handlers.ts';
import { serveClient } from '../daemon-server/serve-client.ts';
import { computeHash } from '../hash/hash.ts';
import { defaultStoreDirectory, parseBaseName } from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';
import { DaemonConnection } from './connection.ts';
import type { UnkeyedPathInfo } from './operations/path-info.ts';

test('the validity of 100,000 paths is asked for with ten questions', async () => {
  const paths = Array.from({ length: 100_000 }, (_, index) => pathOf(index));
  const isEven = (path: StorePath) => Number(path.slice(0, 32)) % 2 === 0;
  const asked: number[] = [];
  await using connection = await connectTo({
    queryValidPaths({ paths: some }) {
      asked.push(some.length);
      return some.filter(isEven);
    },
  });
  const valid = await connection.queryValidPaths(paths);
  assert.deepEqual(
    asked,
    Array.from({ length: 10 }, () => 10_000),
  );
  assert.deepEqual(valid, new Set(paths.filter(isEven)));
});

test('options are sent when they change, and again after they failed', async () => {
  const sent: number[] = [];
  let broken = false;
  await using connection = await connectTo({
    setOptions({ buildCores }) {
      if (broken) throw new Error('not now');
      sent.push(buildCores);
    },
  });
  const set = (buildCores: number) =>
    connection.setOptions({ buildCores, overrides: new Map([['timeout', '1']]) });
  await set(1);
  await set(1);
  await set(2);
  broken = true;
  await assert.rejects(set(3), { message: 'not now' });
  broken = false;
  await set(3);
  assert.deepEqual(sent, [1, 2, 3]);
});

test('a closure asks for each path once', async () => {
  const [depth, width] = [50, 40];
  const asked: StorePath[] = [];
  await using connection = await connectTo({
    queryPathInfo({ path }) {
      asked.push(path);
      const index = Number(path.slice(0, 32));
      const next = index + width;
      return infoOf(next < depth * width ? [pathOf(next), pathOf((index * 7) % next)] : []);
    },
  });
  const closure = await connection.queryClosure([pathOf(0), pathOf(1)]);
  assert.ok(closure.length > depth);
  assert.deepEqual(new Set(asked), new Set(closure.map(({ path }) => path)));
  assert.equal(asked.length, closure.length);
});

test('what only newer daemons can is not asked of an old one', async () => {
  await using connection = await connectTo({ collectGarbage: () => assert.fail() });
  const collected = connection.collectGarbage('delete-specific', {
    paths: [pathOf(1)],
    withReferrers: true,
  });
  await assert.rejects(collected, { kind: 'unsupported', message: /referrers/ });
  assert.equal(connection.isOpen, true);
});

async function connectTo(handlers: Handlers): Promise<DaemonConnection> {
  const [client, server] = duplexPair();
  serveClient(server, { storeDirectory: defaultStoreDirectory, handlers }).catch(() => {});
  return DaemonConnection.over(client, defaultStoreDirectory);
}

function pathOf(index: number): StorePath {
  return parseBaseName(`${String(index).padStart(32, '0')}-path`);
}

const narHash = computeHash('sha256', '');

function infoOf(references: readonly StorePath[]): UnkeyedPathInfo {
  return {
    deriver: null,
    narHash,
    narSize: 0,
    references,
    registrationTime: 0,
    ultimate: false,
    signatures: [],
    contentAddress: null,
  };
}
