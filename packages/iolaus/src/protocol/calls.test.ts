import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AttemptReport } from './attempt-report.ts';
import { CallError } from './call-error.ts';
import { connectRunner } from './client/runner-client.ts';
import { defaultStoreDirectory, storeDirectory } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { aMachine, anAttempt, aPath, startPair } from './testing/runner-pair.ts';
import type { VersionVerdict } from './server/version-check.ts';

const failedReport: AttemptReport = {
  attempt: anAttempt(),
  machine: aMachine(),
  result: { type: 'failed', failure: 'timed-out', message: 'zu langsam: 10 µs' },
  importMilliseconds: 1,
  buildMilliseconds: 2,
  uploadMilliseconds: 3,
  cached: false,
  startedAt: 4,
  stoppedAt: null,
  cpuUserMicroseconds: null,
  cpuSystemMicroseconds: 5,
  peakMemoryBytes: 7,
};

const builder = { machine: aMachine(), hostname: 'augeas' };

test('calls arrive and are answered over TCP', async () => {
  const callers: string[] = [];
  await using pair = await startPair({
    hasPath: async (path, caller) => {
      callers.push(caller.address);
      return path === aPath('there');
    },
    fetchRequisites: async (paths) => [aPath('dependency'), ...paths],
  });
  assert.equal(await pair.client.hasPath(aPath('there')), true);
  assert.equal(await pair.client.hasPath(aPath('absent')), false);
  assert.match(callers[0] ?? '', /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(await pair.client.fetchRequisites([aPath('wanted')]), [
    aPath('dependency'),
    aPath('wanted'),
  ]);
  assert.equal(pair.server.sessions, 1);
});

test('calls arrive and are answered over a Unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'iolaus socket '));
  const bind = join(folder, 'runner#1.sock');
  try {
    await using pair = await startPair(
      { hasPath: async (_, caller) => caller.address === 'unix' },
      { bind },
    );
    assert.equal(pair.server.address, bind);
    assert.equal(await pair.client.hasPath(aPath('any')), true);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('reports and updates arrive as they were sent', async () => {
  const received: unknown[] = [];
  await using pair = await startPair({
    updateStep: (update) => {
      received.push(update);
    },
    completeBuild: async (report) => {
      received.push(report);
    },
  });
  const update = { attempt: anAttempt(), machine: builder.machine, phase: 'building' } as const;
  await pair.client.updateStep(update);
  await pair.client.completeBuild(failedReport);
  assert.deepEqual(received, [update, failedReport]);
});

test('a handler chooses the status by CallError, and anything else it throws is internal', async () => {
  const failures: unknown[] = [
    new CallError('not-found', 'no such thing: Öl'),
    new Error('the store is gone', { cause: new Error('disk full') }),
  ];
  await using pair = await startPair({
    hasPath: async () => {
      throw failures.shift();
    },
  });
  await assert.rejects(pair.client.hasPath(aPath('x')), {
    name: 'CallError',
    status: 'not-found',
    message: 'no such thing: Öl',
  });
  await assert.rejects(pair.client.hasPath(aPath('x')), {
    status: 'internal',
    message: 'the store is gone: disk full',
  });
});

test('our own version is compatible, and the runner learns who asked', async () => {
  const checks: [string, VersionVerdict][] = [];
  await using pair = await startPair({
    versionChecked: ({ hostname }, verdict) => checks.push([hostname, verdict]),
  });
  assert.deepEqual(await pair.client.checkVersion(builder), {
    type: 'compatible',
    version: '0.1.0-5f82f0f0',
  });
  assert.deepEqual(checks, [['augeas', 'compatible']]);
});

test('a builder with its store in another place is refused, and told of both places', async () => {
  await using pair = await startPair({});
  await using stranger = connectRunner(pair.server.endpoint, {
    storeDirectory: storeDirectory('/home/me/store'),
  });
  await assert.rejects(stranger.checkVersion(builder), {
    status: 'failed-precondition',
    message: /\/home\/me\/store.*\/nix\/store/,
  });
});

test('a runner that is not there is unavailable, and found when it comes', async () => {
  const first = await startPair({ hasPath: async () => true });
  const { address } = first.server;
  assert.equal(await first.client.hasPath(aPath('x')), true);
  await first.server.close();
  await assert.rejects(first.client.hasPath(aPath('x')), { status: 'unavailable' });
  await using again = await startPair({ hasPath: async () => false }, { bind: address });
  assert.equal(await first.client.hasPath(aPath('x')), false);
  assert.equal(again.server.address, address);
  first.client.close();
});

test('a call can be given up, and its caller learns that it was', async () => {
  const called = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<boolean>();
  await using pair = await startPair({
    hasPath: () => {
      called.resolve();
      return answer.promise;
    },
  });
  const abort = new AbortController();
  const call = pair.client.hasPath(aPath('x'), { signal: abort.signal });
  await called.promise;
  abort.abort(new Error('no longer wanted'));
  await assert.rejects(call, { status: 'cancelled' });
  answer.resolve(true);
  await assert.rejects(pair.client.hasPath(aPath('x'), { signal: abort.signal }), {
    status: 'cancelled',
  });
});

test('closing the client gives up its calls', async () => {
  const called = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<boolean>();
  await using pair = await startPair({
    hasPath: () => {
      called.resolve();
      return answer.promise;
    },
  });
  const call = pair.client.hasPath(aPath('x'));
  await called.promise;
  pair.client.close();
  await assert.rejects(call, { status: 'cancelled' });
  await assert.rejects(pair.client.hasPath(aPath('x')), { status: 'cancelled' });
  answer.resolve(true);
});

test('a runner that was never there is unavailable, and the reason is told', async () => {
  await using client = connectRunner(`unix://${join(tmpdir(), randomUUID())}`, {
    storeDirectory: defaultStoreDirectory,
  });
  await assert.rejects(client.hasPath(aPath('x')), { status: 'unavailable', message: /ENOENT/ });
});

test('a message of 30 MiB passes, and one of 60 MiB is not even sent', async () => {
  const received: number[] = [];
  await using pair = await startPair({
    fetchRequisites: async (paths) => {
      received.push(paths.length);
      return [];
    },
  });
  // Each of 200 bytes and a few.
  const paths = (mebibytes: number): StorePath[] =>
    Array.from({ length: mebibytes * 4_900 }, () => aPath('x'.repeat(167)));
  await pair.client.fetchRequisites(paths(30));
  assert.deepEqual(received, [30 * 4_900]);
  await assert.rejects(pair.client.fetchRequisites(paths(60)), {
    status: 'out-of-range',
    message: /exceeds the limit of 52428800 bytes/,
  });
});
