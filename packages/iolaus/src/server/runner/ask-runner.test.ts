import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { askRunner, RunnerRefused } from './ask-runner.ts';

const machines = '{"machines":{}}';

/** A runner that knows no machines. */
async function serve(
  options: ListenOptions,
  status = 200,
): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/status/machines' ? status : 404);
    response.end(machines);
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

const ask = (url: string): Promise<string> => askRunner(url, '/status/machines');

test('a runner is asked at an address and at a socket', async () => {
  await using tcp = await serve({ host: '127.0.0.1', port: 0 });
  assert.equal(await ask(`http://127.0.0.1:${tcp.port}`), machines);
  const folder = mkdtempSync(join(tmpdir(), 'ask-'));
  try {
    const path = join(folder, 'a b.sock');
    await using _unix = await serve({ path });
    const url = `unix://${pathToFileURL(path).pathname}`;
    assert.equal(await ask(url), machines);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a runner that is not there, or answers with an error, is told apart', async () => {
  await using tcp = await serve({ host: '127.0.0.1', port: 0 }, 500);
  await assert.rejects(
    ask(`http://127.0.0.1:${tcp.port}`),
    (error) => error instanceof RunnerRefused && error.status === 500,
  );
  await assert.rejects(ask('unix:///nonexistent/socket'), { code: 'ENOENT' });
});
