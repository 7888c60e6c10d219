import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createLogger } from '../../logging/logger.ts';
import { askMachines } from './machines.ts';

const logger = createLogger({ program: 'test', level: 'error' });

const ares = { systems: ['x86_64-linux'], maxJobs: 4, stats: { currentJobs: 1 } };

/** A runner that knows one machine. */
async function serve(
  options: ListenOptions,
  status = 200,
): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/status/machines' ? status : 404);
    response.end(JSON.stringify({ machines: { ares }, machinesCount: 1 }));
  });
  await once(server.listen(options), 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

const known = [{ name: 'ares', systems: ['x86_64-linux'], slots: 4, running: 1 }];

test('machines are asked for at an address and at a socket', async () => {
  await using tcp = await serve({ host: '127.0.0.1', port: 0 });
  assert.deepEqual(await askMachines(`http://127.0.0.1:${tcp.port}`, logger), known);
  const folder = mkdtempSync(join(tmpdir(), 'ask-'));
  try {
    const path = join(folder, 'a b.sock');
    await using _unix = await serve({ path });
    const url = `unix://${pathToFileURL(path).pathname}`;
    assert.deepEqual(await askMachines(url, logger), known);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a runner that is not there, or answers with an error, tells no machines', async () => {
  await using tcp = await serve({ host: '127.0.0.1', port: 0 }, 500);
  assert.equal(await askMachines(`http://127.0.0.1:${tcp.port}`, logger), null);
  assert.equal(await askMachines('unix:///nonexistent/socket', logger), null);
});
