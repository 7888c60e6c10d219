import assert from 'node:assert/strict';
import test from 'node:test';
import {
  buildOutcomeOf,
  buildStatusNumber,
  phaseNumber,
  phaseOf,
  stepOutcomeOf,
  stepStatusNumber,
} from './status.ts';

const numbers = Array.from({ length: 101 }, (_, number) => number);

test('every status of a build that Hydra gives has a name, and the name that number', () => {
  const known = numbers.filter((number) => buildStatusNumber(buildOutcomeOf(number)) === number);
  assert.deepEqual(known, [0, 1, 2, 3, 4, 6, 7, 9, 10, 11, 12]);
});

test('a number that a build cannot have reads as aborted, as on the pages of Hydra', () => {
  for (const number of [5, 8, 13, 100]) assert.equal(buildOutcomeOf(number), 'aborted');
});

test('every status of a step that is an end has a name, and the name that number', () => {
  const known = numbers.filter((number) => {
    const outcome = stepOutcomeOf(number);
    return outcome !== null && stepStatusNumber(outcome) === number;
  });
  assert.deepEqual(known, [0, 1, 3, 4, 7, 8, 9, 10, 11, 12]);
  assert.equal(stepOutcomeOf(13), null);
});

test('phases have the numbers that the pages of Hydra know', () => {
  const known = numbers.flatMap((number) => {
    const phase = phaseOf(number);
    return phase === null ? [] : [[phase, phaseNumber(phase)]];
  });
  assert.deepEqual(known, [
    ['preparing', 1],
    ['connecting', 10],
    ['sending-inputs', 20],
    ['building', 30],
    ['waiting-for-local-slot', 35],
    ['receiving-outputs', 40],
    ['post-processing', 50],
  ]);
});
