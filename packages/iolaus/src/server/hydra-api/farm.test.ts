import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askJson } from '../testing/ask.ts';
import { serveRunner } from '../testing/serve-runner.ts';
import { serveScene } from '../testing/serve-scene.ts';

test('status and machines of the runner, the latter as Hydra reshapes them', async () => {
  const stats = { currentJobs: 1 };
  const ares = {
    hostname: 'ares',
    systems: ['x86_64-linux', 'i686-linux'],
    maxJobs: 4,
    speedFactor: 2,
    score: 1.5,
    supportedFeatures: ['kvm', 'big'],
    mandatoryFeatures: ['big'],
    totalMem: 64,
    stats,
    hasCapacity: true,
    hasDynamicCapacity: true,
    hasStaticCapacity: false,
    cpuCount: 8,
  };
  const runner = await serveRunner({
    '/status': { queueLength: 3 },
    '/status/machines': { machines: { 'some-id': ares }, machinesCount: 1 },
  });
  await using served = await serveScene({ runnerUrl: runner.url });
  const { server } = served;
  assert.deepEqual(await askJson(server.url, '/queue-runner-status'), { queueLength: 3 });
  assert.deepEqual(await askJson(server.url, '/machines'), {
    ares: {
      systemTypes: ares.systems,
      primarySystemType: 'x86_64-linux',
      maxJobs: 4,
      speedFactor: 2,
      supportedFeatures: ['kvm', 'big'],
      mandatoryFeatures: ['big'],
      score: 1.5,
      memTotal: 64,
      hasCapacity: true,
      hasDynamicCapacity: true,
      hasStaticCapacity: false,
      stats,
    },
  });
  await runner[Symbol.asyncDispose]();
  assert.deepEqual(await askJson(server.url, '/queue-runner-status'), { status: 'unreachable' });
});

test('without a runner its status is unknown, and there are no machines', async () => {
  await using served = await serveScene();
  const { url } = served.server;
  assert.deepEqual(await askJson(url, '/queue-runner-status'), { status: 'unknown' });
  assert.deepEqual(await askJson(url, '/machines'), {});
});
