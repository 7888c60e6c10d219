import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWords, hasEnded, hasFailed, stepWords, tellStep, wordsFor } from './words.ts';

test('no two statuses of a build are told by the same word', () => {
  const words = Object.values(buildWords).map(({ word }) => word);
  assert.equal(new Set(words).size, words.length);
});

test('what went well, went wrong and goes on differ in shape and not in colour alone', () => {
  const marks = (['succeeded', 'failed', 'running', 'queued', 'aborted', 'timed-out'] as const).map(
    (status) => buildWords[status].mark,
  );
  assert.equal(new Set(marks).size, marks.length);
});

test('a running step says what it is doing, a finished one how it ended', () => {
  assert.equal(tellStep('running', 'sending-inputs').word, 'Sending inputs');
  assert.equal(tellStep('running', null).word, 'Running');
  assert.equal(tellStep('failed', 'building').word, 'Failed');
});

test('a status of a server newer than the page has words, too', () => {
  const status: string = 'paused-for-the-night';
  assert.equal(wordsFor<string>(buildWords, status).word, 'Unknown');
});

test('a step has failed when it ended in any way but a good one', () => {
  const statuses = Object.keys(stepWords) as (keyof typeof stepWords)[];
  assert.deepEqual(
    statuses.filter((status) => !hasFailed(status)),
    ['running', 'succeeded', 'resolved'],
  );
  assert.equal(hasEnded('queued'), false);
  assert.equal(hasEnded('cancelled'), true);
});
