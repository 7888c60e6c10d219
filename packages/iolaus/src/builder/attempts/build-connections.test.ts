import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonError } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { DaemonConnection } from '@iolaus/nix';
import { BuildConnections } from './build-connections.ts';

const { signal } = new AbortController();

test('a connection is used again after work that went well, and given up after work that did not', async () => {
  await using daemon = await startPrivateDaemon();
  await using connections = new BuildConnections(daemon.address, { idleMax: 1 });
  const use = (): Promise<DaemonConnection> =>
    connections.use(signal, async (connection) => connection.daemon);
  const first = await use();
  assert.equal(await use(), first);
  await assert.rejects(
    connections.use(signal, () => Promise.reject(new Error('it failed'))),
    /it failed/,
  );
  assert.equal(first.isOpen, false);
  assert.notEqual(await use(), first);
});

test('a connection is given up after five hundred builds', async () => {
  await using daemon = await startPrivateDaemon();
  await using connections = new BuildConnections(daemon.address, { idleMax: 1 });
  const used = new Set<DaemonConnection>();
  for (let build = 0; build < 501; build += 1) {
    await connections.use(signal, async (connection) => void used.add(connection.daemon));
  }
  assert.equal(used.size, 2);
});

test('a connection is given up after the first build that ends when it is ten minutes old', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  await using daemon = await startPrivateDaemon();
  await using connections = new BuildConnections(daemon.address, { idleMax: 1 });
  const use = (milliseconds: number): Promise<DaemonConnection> =>
    connections.use(signal, async (connection) => {
      t.mock.timers.tick(milliseconds);
      return connection.daemon;
    });
  const first = await use(599_999);
  assert.equal(await use(1), first);
  assert.notEqual(await use(0), first);
});

test('an abort ends the connection and what the daemon does on it', async () => {
  await using daemon = await startPrivateDaemon();
  await using connections = new BuildConnections(daemon.address, { idleMax: 1 });
  const abort = new AbortController();
  let lent: DaemonConnection | undefined;
  const using_ = connections.use(abort.signal, async (connection) => {
    lent = connection.daemon;
    abort.abort();
    await connection.daemon.addTextToStore('x', 'y');
  });
  await assert.rejects(using_, DaemonError);
  assert.equal(lent?.isOpen, false);
});

test('no more connections are kept than wanted, and none when it is over', async () => {
  await using daemon = await startPrivateDaemon();
  const kept: DaemonConnection[] = [];
  {
    await using connections = new BuildConnections(daemon.address, { idleMax: 1 });
    const both = Promise.withResolvers<void>();
    const use = () =>
      connections.use(signal, async (connection) => {
        kept.push(connection.daemon);
        if (kept.length === 2) both.resolve();
        await both.promise;
      });
    await Promise.all([use(), use()]);
    assert.equal(kept.filter((one) => one.isOpen).length, 1);
  }
  assert.equal(kept.filter((one) => one.isOpen).length, 0);
});
