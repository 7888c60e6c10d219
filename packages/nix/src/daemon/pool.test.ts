import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { scriptDerivation, startPrivateDaemon } from '../testing/index.ts';
import type { PrivateDaemon } from '../testing/index.ts';
import { parseBaseName } from '../store-path/store-path.ts';
import type { DaemonConnection } from './connection.ts';
import type { BuildOptions } from './operations/set-options.ts';
import { DaemonPool } from './pool.ts';

const nowhere = parseBaseName(`${'0'.repeat(32)}-nowhere`);

describe('a pool of connections', () => {
  let daemon: PrivateDaemon;

  before(async () => {
    daemon = await startPrivateDaemon();
  });
  after(() => daemon[Symbol.asyncDispose]());

  const endless = () => {
    const script = { name: 'endless', script: '/bin/sleep 600' };
    const { path, derivation } = scriptDerivation(daemon.address.storeDirectory, script);
    return [path, derivation] as const;
  };

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

  test('closes connections that nobody needs for a while', async () => {
    await using pool = new DaemonPool(daemon.address, { limit: 1, idleMilliseconds: 1 });
    const connection = await pool.use(async (lent) => lent);
    // Waits for what the pool does on its own; a pool that does not would have the test time out.
    while (connection.isOpen) await delay(1);
    assert.equal(pool.status.idle, 0);
  });

  test('sends options only to a connection that has others', async () => {
    await using pool = new DaemonPool(daemon.address, { limit: 2 });
    const one = { verbosity: 0, overrides: new Map([['timeout', '1']]) };
    const other = { verbosity: 0, overrides: new Map([['timeout', '2']]) };
    const borrow = (options: BuildOptions) =>
      pool.use(async (connection) => connection, { options });
    const first = await borrow(one);
    assert.equal(await borrow({ ...one, overrides: new Map(one.overrides) }), first);
    assert.equal(await borrow(other), first);
    assert.equal(first.options?.overrides.get('timeout'), '2');
  });

  test('does not lend a connection on which overrides linger that are not wanted', async () => {
    await using pool = new DaemonPool(daemon.address, { limit: 1 });
    const strange = await pool.use(async (connection) => connection, {
      options: { overrides: new Map([['max-build-log-size', '1']]) },
    });
    const clean = await pool.use(async (connection) => connection, { options: {} });
    assert.notEqual(clean, strange);
    assert.equal(strange.isOpen, false);
    assert.deepEqual(pool.status, { idle: 1, lent: 0, waiting: 0 });
  });

  test('destroys a connection whose work is given up, and lets no one wait who gave up', async () => {
    await using pool = new DaemonPool(daemon.address, { limit: 1 });
    const abort = new AbortController();
    const begun = Promise.withResolvers<DaemonConnection>();
    const never = new Promise<never>(() => {});
    const given = pool.use(
      async (connection) => {
        begun.resolve(connection);
        await Promise.race([never, connection.buildDerivation(...endless())]);
      },
      { signal: abort.signal },
    );
    const connection = await begun.promise;
    const waiting = pool.use(async () => {}, { signal: abort.signal });
    assert.equal(pool.status.waiting, 1);
    abort.abort(new Error('never mind'));
    await assert.rejects(given, { message: 'never mind' });
    await assert.rejects(waiting, { message: 'never mind' });
    assert.equal(connection.isOpen, false);
    assert.deepEqual(pool.status, { idle: 0, lent: 0, waiting: 0 });
    assert.equal(await pool.use((next) => next.isValidPath(nowhere)), false);
  });

  test('closes connections that were used often enough', async () => {
    await using pool = new DaemonPool(daemon.address, {
      limit: 1,
      mostUses: 2,
    });
    const use = () => pool.use(async (connection) => connection);
    const first = await use();
    assert.equal(await use(), first);
    assert.equal(first.isOpen, false);
    assert.notEqual(await use(), first);
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
