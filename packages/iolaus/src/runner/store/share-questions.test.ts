import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { shareQuestions } from './share-questions.ts';
import type { Validity } from './validity.ts';

const path = (name: string): StorePath => parseBaseName(`${'0'.repeat(32)}-${name}`);
const [a, b, c] = [path('a'), path('b'), path('c')];

test('who asks while a question is under way shares the next one', async () => {
  const { ask, questions, answerNext } = makeDaemon();
  const validity = shareQuestions(ask);
  const first = validity([a]);
  await answerNext();
  await first;
  const second = validity([a]);
  await setImmediate();
  const others = [validity([b]), validity([c])];
  await answerNext();
  await answerNext();
  await Promise.all([second, ...others]);
  assert.deepEqual(questions, [[a], [a], [b, c]]);
});

test('a question that fails fails for its askers only', async () => {
  const { ask, answerNext } = makeDaemon();
  const validity = shareQuestions(ask);
  const failing = assert.rejects(validity([a]), /the daemon is away/);
  await answerNext(new Error('the daemon is away'));
  await failing;
  const next = validity([b]);
  await answerNext();
  assert.deepEqual(await next, new Set([b]));
});

test('after a question there is a rest, in which the next one gathers', async () => {
  const { ask, questions, answerNext } = makeDaemon();
  const rest = Promise.withResolvers<void>();
  const validity = shareQuestions(ask, () => rest.promise);
  const first = validity([a]);
  await answerNext();
  await first;
  const others = [validity([b]), validity([c])];
  await setImmediate();
  assert.deepEqual(questions, [[a]]);
  rest.resolve();
  await answerNext();
  await Promise.all(others);
  assert.deepEqual(questions, [[a], [b, c]]);
});

/** A daemon that answers when it is told to: that everything is there, or with an error. */
function makeDaemon() {
  const questions: StorePath[][] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  let asked = Promise.withResolvers<void>();
  const ask: Validity = async (paths) => {
    questions.push([...paths]);
    const answer = Promise.withResolvers<void>();
    waiting.push(answer);
    asked.resolve();
    await answer.promise;
    return new Set(paths);
  };
  const answerNext = async (error?: Error): Promise<void> => {
    if (waiting.length === 0) await asked.promise;
    asked = Promise.withResolvers();
    const answer = waiting.shift();
    if (error === undefined) answer?.resolve();
    else answer?.reject(error);
  };
  return { ask, questions, answerNext };
}
