import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CallError } from './call-error.ts';
import type { AcceptedTunnel } from './server/runner-server.ts';
import { gather } from './testing/pieces.ts';
import { aJoin, anAttempt, anOrder, startPair } from './testing/runner-pair.ts';
import type { RunnerTunnel, TunnelEnd } from './tunnel.ts';
import type { BuilderMessage, RunnerMessage } from './tunnel-message.ts';

const answer = {
  maxConcurrentDownloads: 5,
  sharesStore: true,
  takenBack: [],
  leaseSeconds: 60,
};
const joined = { type: 'joined', answer, dialect: 1 };

/** Accepts every tunnel, and remembers how it ended. */
function accept(converse: (tunnel: RunnerTunnel) => Promise<void>): {
  readonly openTunnel: () => AcceptedTunnel;
  readonly ends: TunnelEnd[];
  /** Of the first tunnel. */
  readonly ended: Promise<TunnelEnd>;
} {
  const ends: TunnelEnd[] = [];
  const { promise, resolve } = Promise.withResolvers<TunnelEnd>();
  const ended = (end: TunnelEnd): void => {
    ends.push(end);
    resolve(end);
  };
  return { openTunnel: () => ({ accept: answer, converse, ended }), ends, ended: promise };
}

test('both sides say what they like, in order, until the builder closes', async () => {
  const attempt = anAttempt();
  const received: BuilderMessage[] = [];
  const runner = accept(async (tunnel) => {
    await tunnel.send({ type: 'ping' });
    for await (const message of tunnel.messages) {
      received.push(message);
      await tunnel.send({ type: 'completed', attempt });
    }
  });
  await using pair = await startPair(runner);
  const join = aJoin();
  const tunnel = pair.client.openTunnel(join);
  const update = { attempt, machine: join.machine, phase: 'building' } as const;
  assert.equal(await tunnel.send({ type: 'step-update', update }), true);
  const answers = [];
  for await (const message of tunnel.messages) {
    answers.push(message);
    if (message.type === 'completed') tunnel.close();
  }
  assert.deepEqual(answers, [joined, { type: 'ping' }, { type: 'completed', attempt }]);
  assert.deepEqual(received, [{ type: 'step-update', update }]);
  assert.deepEqual(await runner.ended, { reason: 'closed-by-builder' });
  assert.equal(await tunnel.send({ type: 'step-update', update }), false);
  assert.equal(tunnel.signal.aborted, true);
});

test('the runner learns who joins', async () => {
  const join = aJoin();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const runner = accept(async () => {});
  await using pair = await startPair({
    openTunnel: (joining) => {
      resolve(joining);
      return runner.openTunnel();
    },
  });
  assert.deepEqual(await gather(pair.client.openTunnel(join).messages), [joined]);
  assert.deepEqual(await promise, join);
});

test('a build arrives with its whole derivation', async () => {
  const order = anOrder(100);
  await using pair = await startPair(
    accept(async (tunnel) => {
      await tunnel.send({ type: 'build', order });
    }),
  );
  const messages = await gather(pair.client.openTunnel(aJoin()).messages);
  assert.deepEqual(messages, [joined, { type: 'build', order }]);
});

test('a join that is refused fails with the reason, and is never said to have ended', async () => {
  await using pair = await startPair({
    openTunnel: () => {
      throw new CallError('invalid-argument', 'Machine is not valid');
    },
  });
  const tunnel = pair.client.openTunnel(aJoin());
  await assert.rejects(gather(tunnel.messages), {
    status: 'invalid-argument',
    message: 'Machine is not valid',
  });
  assert.equal(tunnel.signal.aborted, true);
});

test('the end is seen once when the builder is gone without a word', async () => {
  const failure = Promise.withResolvers<unknown>();
  const open = Promise.withResolvers<RunnerTunnel>();
  const runner = accept(async (tunnel) => {
    open.resolve(tunnel);
    await gather(tunnel.messages).catch(failure.resolve);
  });
  await using pair = await startPair(runner);
  const messages = pair.client.openTunnel(aJoin()).messages[Symbol.asyncIterator]();
  await messages.next();
  const tunnel = await open.promise;
  pair.client.close();
  assert.equal((await runner.ended).reason, 'lost');
  assert.equal(tunnel.signal.aborted, true);
  assert.equal(await tunnel.send({ type: 'ping' }), false);
  const error = await failure.promise;
  assert.ok(error instanceof CallError && error.status === 'unavailable');
  await assert.rejects(messages.next(), { status: 'cancelled' });
  await pair.server.close();
  assert.equal(runner.ends.length, 1);
});

test('a builder that leaves while its join is looked at has left', async () => {
  const looking = Promise.withResolvers<void>();
  const decision = Promise.withResolvers<void>();
  const runner = accept(async (tunnel) => {
    await gather(tunnel.messages);
  });
  await using pair = await startPair({
    openTunnel: async () => {
      looking.resolve();
      await decision.promise;
      return runner.openTunnel();
    },
  });
  pair.client.openTunnel(aJoin());
  await looking.promise;
  pair.client.close();
  while (pair.server.sessions > 0) await nextTurn();
  decision.resolve();
  assert.equal((await runner.ended).reason, 'lost');
});

test('what the runner said before it closed still arrives', async () => {
  const attempts = Array.from({ length: 1_000 }, anAttempt);
  const runner = accept(async (tunnel) => {
    for (const attempt of attempts) void tunnel.send({ type: 'abort', attempt });
    tunnel.close();
    await gather(tunnel.messages);
  });
  await using pair = await startPair(runner);
  const messages = await gather(pair.client.openTunnel(aJoin()).messages);
  assert.deepEqual(messages, [joined, ...attempts.map((attempt) => ({ type: 'abort', attempt }))]);
  assert.deepEqual(await runner.ended, { reason: 'closed-by-runner' });
});

test('a failure of the runner ends the tunnel, and the builder is told why', async () => {
  const failure = new Error('the database is gone');
  const runner = accept(async () => {
    throw failure;
  });
  await using pair = await startPair(runner);
  await assert.rejects(gather(pair.client.openTunnel(aJoin()).messages), {
    status: 'internal',
    message: 'the database is gone',
  });
  assert.deepEqual(await runner.ended, { reason: 'lost', cause: failure });
});

test('closing the server ends its tunnels well', async () => {
  const runner = accept(async (tunnel) => {
    await gather(tunnel.messages);
  });
  await using pair = await startPair(runner);
  const messages = pair.client.openTunnel(aJoin()).messages[Symbol.asyncIterator]();
  await messages.next();
  const [, end] = await Promise.all([pair.server.close(), messages.next()]);
  assert.equal(end.done, true);
  assert.deepEqual(runner.ends, [{ reason: 'closed-by-runner' }]);
});

test('a builder that leaves the loop has left the tunnel', async () => {
  const runner = accept(async (tunnel) => {
    await gather(tunnel.messages);
  });
  await using pair = await startPair(runner);
  for await (const message of pair.client.openTunnel(aJoin()).messages) {
    if (message.type === 'joined') break;
  }
  assert.equal((await runner.ended).reason, 'lost');
});

test('a message that cannot be sent is refused, and the tunnel lives on', async () => {
  const message: RunnerMessage = { type: 'build', order: anOrder(60 * 1024 * 1024) };
  await using pair = await startPair(
    accept(async (tunnel) => {
      await assert.rejects(tunnel.send(message), { status: 'out-of-range' });
      await tunnel.send({ type: 'ping' });
    }),
  );
  const messages = await gather(pair.client.openTunnel(aJoin()).messages);
  assert.deepEqual(messages, [joined, { type: 'ping' }]);
});

test('a builder that reads slowly holds the runner', async () => {
  // A window of 4 MiB and what Node and the kernel keep: a missing hold would run to the end at once.
  const mostAheadBytes = 16 * 1024 * 1024;
  const messageBytes = 256 * 1024;
  const count = 400;
  const order = anOrder(messageBytes);
  let sent = 0;
  await using pair = await startPair(
    accept(async (tunnel) => {
      for (; sent < count; sent++) await tunnel.send({ type: 'build', order });
    }),
  );
  let received = 0;
  for await (const message of pair.client.openTunnel(aJoin()).messages) {
    if (message.type !== 'build') continue;
    received++;
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    assert.ok((sent - received) * messageBytes < mostAheadBytes, `${sent} sent, ${received} read`);
  }
  assert.equal(received, count);
});
