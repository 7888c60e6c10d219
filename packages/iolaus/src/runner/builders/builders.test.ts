import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { systemClock } from '../../clock/system-clock.ts';
import { builderId } from '../../farm/identity.ts';
import type { BuilderId } from '../../farm/identity.ts';
import { unmeasured } from '../../protocol/attempt-report.ts';
import { parseBuilderUuid } from '../../protocol/identity.ts';
import { aJoin, aMachine, anAttempt } from '../../protocol/testing/runner-pair.ts';
import type { BuilderMessage } from '../../protocol/tunnel-message.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';
import { Attempts } from '../attempts/attempts.ts';
import { Builders } from './builders.ts';
import { Refusals } from './refusals.ts';

/** Builders, and what the farm hears of them. */
function openBuilders() {
  const heard: string[] = [];
  const ids: BuilderId[] = [];
  const logger = pino({ level: 'silent' });
  const builders = new Builders({
    attempts: new Attempts(() => '00000000-0000-4000-8000-000000000001', systemClock),
    decisions: {
      submit: async (event) => {
        heard.push(event.type);
        if ('builder' in event) ids.push(event.builder);
      },
    },
    view: { holder: () => undefined },
    reports: { notePhase: () => {}, complete: async () => {} },
    refusals: new Refusals(logger),
    logger,
    clock: systemClock,
    makeUuid: () => 'ant',
    storeIdentity: null,
    maxConcurrentDownloads: 5,
    forcedSubstituters: () => [],
    leaseSeconds: () => 60,
    logBytes: async () => 0,
    confirmLead: async () => {},
  });
  return { builders, heard, idOf: () => ids[0] ?? builderId('none') };
}

const caller = { address: 'unix' };
const failed = {
  result: { type: 'failed', failure: 'build-failed', message: null },
} as const;
const abort = { type: 'abort', attempt: anAttempt() } as const;
const aTunnel = (send: RunnerTunnel['send']): RunnerTunnel => ({
  messages: (async function* () {
    yield* [];
    await new Promise(() => {});
  })(),
  send,
  signal: new AbortController().signal,
  close: () => {},
});

test('that a tunnel has ended is known as soon as something cannot be sent', async () => {
  const { builders, heard, idOf } = openBuilders();
  const name = parseBuilderUuid('00000000-0000-4000-8000-000000000002');
  const accepted = await builders.open({ ...aJoin(), builder: name }, caller);
  void accepted.converse(aTunnel(async () => false));
  assert.equal(await builders.send(idOf(), abort), false);
  assert.deepEqual([heard, builders.count], [['builder-rejoined', 'builder-away'], 0]);
  accepted.ended({ reason: 'closed-by-runner' });
  assert.deepEqual(heard, ['builder-rejoined', 'builder-away']);
  assert.equal(await builders.send(idOf(), abort), false);
});

test('what is sent while a builder joins waits for its tunnel', async () => {
  const { builders, idOf } = openBuilders();
  const accepted = await builders.open(aJoin(), caller);
  const sending = builders.send(idOf(), abort);
  const said: unknown[] = [];
  void accepted.converse(aTunnel(async (message) => said.push(message) > 0));
  assert.equal(await sending, true);
  assert.deepEqual(said, [abort]);
});

test('what is sent while a builder joins that leaves at once is not delivered', async () => {
  const { builders, idOf } = openBuilders();
  const accepted = await builders.open(aJoin(), caller);
  const sending = builders.send(idOf(), abort);
  accepted.ended({ reason: 'lost', cause: null });
  assert.equal(await sending, false);
});

test('who says more than it takes answers for is not heard until it does', async () => {
  const { builders } = openBuilders();
  const accepted = await builders.open(aJoin(), caller);
  const report = { attempt: anAttempt(), machine: aMachine(), ...unmeasured, ...failed };
  const answers: PromiseWithResolvers<boolean>[] = [];
  const said = { count: 0 };
  async function* talk(): AsyncGenerator<BuilderMessage> {
    for (; said.count < 1_100; said.count += 1) yield { type: 'complete', report };
  }
  const send = (): Promise<boolean> => {
    const answer = Promise.withResolvers<boolean>();
    answers.push(answer);
    return answer.promise;
  };
  const talking = accepted.converse({ ...aTunnel(send), messages: talk() });
  while (answers.length < 1_000) await nextTurn();
  await nextTurn();
  assert.equal(said.count, 999);
  for (const answer of answers) answer.resolve(true);
  await talking;
  assert.equal(said.count, 1_100);
});
