import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBaseName } from '@iolaus/nix';
import { Presence } from './presence.ts';

const path = parseBaseName(`${'0'.repeat(32)}-path`);

/** A cache that has the path until it is swept. */
function scene() {
  const world = { isThere: true, portions: 0, questions: 0 };
  const presence = new Presence(
    async () => {
      world.questions += 1;
      return world.isThere;
    },
    { sweeps: { settled: async () => world.portions } },
  );
  return { world, presence };
}

test('what was there is not asked for again, unless something was swept since', async () => {
  const { world, presence } = scene();
  for (let times = 0; times < 2; times += 1)
    assert.deepEqual(await presence.findMissing([path]), []);
  assert.equal(world.questions, 1);
  Object.assign(world, { isThere: false, portions: 1 });
  assert.deepEqual(await presence.findMissing([path]), [path]);
});

test('what was swept while it was asked for is not remembered', async () => {
  const answer = Promise.withResolvers<boolean>();
  const asked = Promise.withResolvers<void>();
  const answers = [answer.promise, false, false].values();
  let portions = 0;
  const presence = new Presence(
    async () => {
      asked.resolve();
      return answers.next().value ?? assert.fail();
    },
    { sweeps: { settled: async () => portions } },
  );
  const first = presence.findMissing([path]);
  await asked.promise;
  portions = 1;
  assert.deepEqual(await presence.findMissing([path]), [path]);
  answer.resolve(true);
  assert.deepEqual(await first, []);
  assert.deepEqual(await presence.findMissing([path]), [path]);
});
