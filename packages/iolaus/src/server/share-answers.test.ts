import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareAnswers } from './share-answers.ts';

test('those who ask at once share one answer', async () => {
  let asked = 0;
  const shared = shareAnswers(async () => {
    asked += 1;
    return asked;
  });
  assert.deepEqual(await Promise.all([shared(), shared(), shared()]), [1, 1, 1]);
  assert.equal(asked, 1);
});

test('who asks while the question is being answered waits for that answer', async () => {
  const answer = Promise.withResolvers<string>();
  let asked = 0;
  const shared = shareAnswers(() => {
    asked += 1;
    return answer.promise;
  });
  const all = Promise.all([shared(), shared()]);
  answer.resolve('yes');
  assert.deepEqual(await all, ['yes', 'yes']);
  assert.equal(asked, 1);
});

test('an error is told to who waited for it, and to nobody later', async () => {
  const answers = [Promise.reject(new Error('away')), Promise.resolve('here')];
  const shared = shareAnswers(() => answers.shift() ?? Promise.resolve('later'));
  await assert.rejects(shared(), /away/);
  assert.equal(await shared(), 'here');
});

test('what may be stale is given until the next answer is there', async (context) => {
  const later = Promise.withResolvers<string>();
  const answers = [Promise.resolve('first'), later.promise];
  const ask = () => answers.shift() ?? assert.fail('asked once more');
  const shared = shareAnswers(ask, { staleMillisecondsMax: 10_000 });
  assert.equal(await shared(), 'first');
  const now = performance.now();
  context.mock.method(performance, 'now', () => now + 5_000);
  assert.equal(await shared(), 'first');
  later.resolve('second');
  await later.promise;
  assert.equal(await shared(), 'second');
});
