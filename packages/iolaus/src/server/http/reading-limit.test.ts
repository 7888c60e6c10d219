import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../testing/ask.ts';
import { serveScene } from '../testing/serve-scene.ts';
import { limitReading } from './reading-limit.ts';

/** How many of so many requests are let through. */
function count(limit: ReturnType<typeof limitReading>, address: string, requests: number): number {
  let passed = 0;
  for (let request = 0; request < requests; request += 1) {
    try {
      limit.add(address);
      passed += 1;
    } catch {}
  }
  return passed;
}

test('who asks without end is let through twenty times a second, others as before', () => {
  let now = 0;
  const limit = limitReading(() => now);
  assert.equal(count(limit, '192.0.2.1', 1_000), 300);
  now += 1_000;
  assert.equal(count(limit, '192.0.2.1', 1_000), 20);
  assert.equal(count(limit, '192.0.2.2', 100), 100);
  assert.equal(count(limit, '127.0.0.1', 1_000), 1_000);
});

test('a crawler behind a proxy is told to come back later', async () => {
  await using served = await serveScene();
  const headers = { 'x-forwarded-for': '10.0.0.1, 192.0.2.7' };
  const statuses = new Set<number>();
  while (!statuses.has(429)) {
    const { status, headers: said } = await ask(served.server.url, '/api/v2/projects', { headers });
    statuses.add(status);
    if (status === 429) assert.equal(said['retry-after'], '1');
  }
  assert.equal((await ask(served.server.url, '/api/v2/projects')).status, 200);
});
