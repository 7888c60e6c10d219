import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askTogether } from './ask-together.ts';

/** Questions that wait until they are answered; each key's fact is its length. */
function openOracle() {
  const questions: { readonly keys: readonly string[]; answer(): void; fail(): void }[] = [];
  const ask = askTogether<string, number>((keys) => {
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, number>>();
    const known = keys.filter((key) => key !== 'unknown');
    questions.push({
      keys,
      answer: () => resolve(new Map(known.map((key) => [key, key.length]))),
      fail: () => reject(new Error('away')),
    });
    return promise;
  });
  return { questions, ask };
}

test('what is asked while another question is out goes into the next one, and each gets its own', async () => {
  const { questions, ask } = openOracle();
  const first = ask(['a']);
  const later = [ask(['bb', 'unknown']), ask(['ccc', 'bb'])] as const;
  assert.deepEqual(
    questions.map(({ keys }) => keys),
    [['a']],
  );
  questions[0]?.answer();
  assert.deepEqual(await first, new Map([['a', 1]]));
  while (questions.length < 2) await new Promise(setImmediate);
  assert.deepEqual(questions[1]?.keys, ['bb', 'unknown', 'ccc']);
  questions[1].answer();
  assert.deepEqual(await later[0], new Map([['bb', 2]]));
  assert.deepEqual(
    await later[1],
    new Map([
      ['ccc', 3],
      ['bb', 2],
    ]),
  );
});

test('a question that fails is told to all who are in it, and to nobody else', async () => {
  const { questions, ask } = openOracle();
  const refused = assert.rejects(ask(['a']), /away/);
  questions[0]?.fail();
  await refused;
  const next = ask(['bb']);
  while (questions.length < 2) await new Promise(setImmediate);
  questions[1]?.answer();
  assert.deepEqual(await next, new Map([['bb', 2]]));
});
