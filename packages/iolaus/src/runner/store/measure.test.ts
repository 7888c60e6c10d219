import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeHash, parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { openMeasure } from './measure.ts';

const path = (name: string): StorePath => parseBaseName(`${'0'.repeat(32)}-${name}`);
const [top, left, right, bottom] = [path('top'), path('left'), path('right'), path('bottom')];
const narHash = computeHash('sha256', 'archive');

/** A store of paths with what they refer to, each of ten bytes more than the one before it. */
function makeStore(references: ReadonlyMap<StorePath, readonly StorePath[]>) {
  const questions: (readonly StorePath[])[] = [];
  const sizes = new Map([...references.keys()].map((known, index) => [known, 10 * (index + 1)]));
  const measure = openMeasure(async (paths) => {
    questions.push(paths);
    const there = paths.filter((one) => sizes.has(one));
    return new Map(
      there.map((one) => [
        one,
        { narHash, narSize: sizes.get(one) ?? 0, references: references.get(one) ?? [] },
      ]),
    );
  });
  return { measure, sizes, questions };
}

const diamond = (): ReturnType<typeof makeStore> =>
  makeStore(
    new Map([
      [bottom, [bottom]],
      [left, [bottom]],
      [right, [bottom, left]],
      [top, [left, right]],
    ]),
  );

test('what several paths of a closure need counts once, and what is not there is left out', async () => {
  const { measure } = diamond();
  const measured = await measure([top, path('missing')]);
  assert.deepEqual([...measured], [[top, { path: top, narSize: 40, closureSize: 100, narHash }]]);
});

test('a closure is asked for once, its ends each time', async () => {
  const { measure, sizes, questions } = diamond();
  await measure([right]);
  assert.deepEqual(questions, [[right], [bottom, left]]);
  sizes.set(right, 1_000);
  const measured = await measure([top, right]);
  assert.deepEqual(questions.slice(2), [[top, right]]);
  assert.equal(measured.get(top)?.closureSize, 1_070);
});

test('what of a closure has gone meanwhile has no size', async () => {
  const { measure, sizes } = diamond();
  sizes.delete(bottom);
  assert.equal((await measure([top])).get(top)?.closureSize, 90);
});
