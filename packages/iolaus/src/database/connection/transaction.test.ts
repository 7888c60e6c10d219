import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openDatabase } from './connection.ts';
import { emptyTestDatabase } from '../testing.ts';

/** Where the next commit is to be cut off: before it gets to the server, or before its answer gets to us. */
type Cut = 'before-commit' | 'before-answer' | 'nowhere';

type Wire = AsyncDisposable & { readonly url: string; cut: Cut };

/** A wire to the server that can be cut. */
async function layWire(url: string): Promise<Wire> {
  const folder = await mkdtemp(join(tmpdir(), 'wire-'));
  const serverSocket = join(decodeURIComponent(new URL(url).hostname), '.s.PGSQL.5432');
  const sockets = new Set<Socket>();
  const wire: Wire = {
    url: url.replace(/@[^/]*/, `@${encodeURIComponent(folder)}`),
    cut: 'nowhere',
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = new Promise((resolve) => server.close(resolve));
      await closed;
      await rm(folder, { recursive: true });
    },
  };
  const server = createServer((ours) => {
    const theirs = createConnection(serverSocket);
    for (const socket of [ours, theirs]) sockets.add(socket.on('error', () => {}));
    ours.on('close', () => theirs.end());
    theirs.on('close', () => ours.destroy());
    let isCut = false;
    ours.on('data', (bytes) => {
      if (wire.cut === 'nowhere' || !bytes.includes('commit')) {
        theirs.write(bytes);
        return;
      }
      isCut = true;
      if (wire.cut === 'before-answer') theirs.write(bytes);
      else ours.destroy();
      wire.cut = 'nowhere';
    });
    theirs.on('data', (bytes) => {
      if (isCut) ours.destroy();
      else ours.write(bytes);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(join(folder, '.s.PGSQL.5432'), resolve);
  });
  return wire;
}

for (const { cut, attemptsExpected } of [
  { cut: 'before-commit', attemptsExpected: 2 },
  { cut: 'before-answer', attemptsExpected: 1 },
] as const) {
  test(`a transaction is done once when its connection is cut ${cut.replace('-', ' the ')}`, async () => {
    await using made = await emptyTestDatabase();
    await made.database.query('create table things (attempt int)');
    await using wire = await layWire(made.url);
    const database = await openDatabase({
      url: wire.url,
      maxConnections: 1,
      applicationName: 'test',
    });
    let attempts = 0;
    try {
      const result = await database.transaction(async (transaction) => {
        attempts += 1;
        wire.cut = attempts === 1 ? cut : 'nowhere';
        await transaction.query('insert into things values ($1)', [attempts]);
        return `attempt ${attempts}`;
      });
      assert.equal(result, `attempt ${attemptsExpected}`);
      assert.equal(attempts, attemptsExpected);
      assert.deepEqual(await database.query('select attempt from things'), [
        { attempt: attemptsExpected },
      ]);
    } finally {
      await database.close();
    }
  });
}
