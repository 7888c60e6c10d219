import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mintJoinToken, readJoinToken } from './join-token.ts';

const claims = fc.record(
  {
    hostname: fc.string({ minLength: 1 }),
    systems: fc.array(fc.string()),
    features: fc.array(fc.string()),
    mandatoryFeatures: fc.array(fc.string()),
    maxJobs: fc.integer({ min: 1 }),
    expiresAt: fc.integer(),
  },
  { noNullPrototype: true },
);

test('a join token says what it was made for, to who has the key', () => {
  fc.assert(
    fc.property(fc.string(), claims, (key, made) => {
      assert.deepEqual(readJoinToken(key, mintJoinToken(key, made)), made);
    }),
  );
});

test('with another key, or with a letter changed, it says nothing', () => {
  fc.assert(
    fc.property(claims, fc.nat(), (made, at) => {
      const token = mintJoinToken('key', made);
      assert.equal(readJoinToken('other key', token), null);
      const place = at % token.length;
      // The last letter of a part has bits that count for nothing.
      fc.pre(token[place] !== '.' && place < token.length - 1 && token[place + 1] !== '.');
      const letter = token[place] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, place) + letter + token.slice(place + 1);
      assert.equal(readJoinToken('key', changed), null);
    }),
  );
});

test('what is no join token is none', () => {
  for (const text of ['', 'a', 'a.b.c', 'iolaus-join.e30.', 'iolaus-join..']) {
    assert.equal(readJoinToken('key', text), null);
  }
});
