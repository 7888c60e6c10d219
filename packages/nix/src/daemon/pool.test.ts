import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startPrivateDaemon } from '../testing/index.ts';
import type { PrivateDaemon } from '../testing/index.ts';
import { parseBaseName } from '../store-path/store-path.ts';
import type { DaemonConnection } from './connection.ts';
import { DaemonPool } from './pool.ts';

const nowhere = parseBaseName(`${'0'.repeat(32)}-nowhere`);

describe('a pool of connections', () => {
  let daemon: PrivateDaemon;

  before(async () => {
    daemon = await startPrivateDaemon();
  });
  after(() => daemon[Symbol.asyncDispose]());

  test('has no more of them than allowed', async () => {
    await using pool = new DaemonPool(daemon.address, { limit: 2 });
    const seen = new Set<DaemonConnection>();
    let busy = 0;
    const work = () =>
      pool.use(async (connection) => {
        busy += 1;
        assert.ok(busy <= 2);
        seen.add(connection);
        await connection.isValidPath(nowhere);
        busy -= 1;
      });
    await Promise.all(Array.from({ length: 20 }, work));
    assert.equal(seen.size, 2);
  });

  test('lends them in the order of asking', async () => {
    await using pool = new DaemonPool(daemon.address, { limit: 1 });
    const order: number[] = [];
    const names = Array.from({ length: 20 }, (_, index) => index);
    const work = (name: number) =>
      pool.use(async (connection) => {
        order.push(name);
        await connection.isValidPath(nowhere);
      });
    await Promise.all(names.map((name) => work(name)));
    assert.deepEqual(order, names);
  });

  test('does not lend a connection again that failed or was closed', async () => {
    await using pool = new DaemonPool(daemon.address, { limit: 1 });
    const lent: DaemonConnection[] = [];
    const use = (work: (connection: DaemonConnection) => Promise<unknown>) =>
      pool.use((connection) => {
        lent.push(connection);
        return work(connection);
      });
    await assert.rejects(
      use((connection) => connection.ensurePath(nowhere)),
      { kind: 'operation' },
    );
    await use(async (connection) => connection.destroy());
    await assert.rejects(
      use(() => Promise.reject(new Error('my own'))),
      { message: 'my own' },
    );
    await use((connection) => connection.isValidPath(nowhere));
    assert.equal(new Set(lent).size, 3);
    assert.equal(lent[2], lent[3]);
  });

  test('lets work end when it is disposed, and takes no more', async () => {
    const pool = new DaemonPool(daemon.address, { limit: 1 });
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const running = pool.use(async (connection) => {
      begun.resolve();
      await end.promise;
      return connection;
    });
    await begun.promise;
    const waiting = assert.rejects(
      pool.use(async () => {}),
      { kind: 'closed' },
    );
    const disposed = pool[Symbol.asyncDispose]();
    end.resolve();
    const connection = await running;
    await Promise.all([waiting, disposed]);
    assert.equal(connection.isOpen, false);
    await assert.rejects(
      pool.use(async () => {}),
      { kind: 'closed' },
    );
  });

  test('gives the place back when nobody can be reached', async () => {
    const address = { ...daemon.address, socketPath: '/nobody' };
    await using pool = new DaemonPool(address, { limit: 1 });
    for (let attempt = 0; attempt < 3; attempt++)
      await assert.rejects(
        pool.use(async () => {}),
        { kind: 'unreachable' },
      );
  });
});
