import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';

/** Of each key: its default, another value that is taken, and values that are refused. */
export type KeyTable = Readonly<Record<string, readonly [unknown, unknown, readonly unknown[]]>>;

/** A test for each key of a configuration file, and one that none is left out. */
export function testKeys(schema: z.ZodObject, table: KeyTable): void {
  const read = (value: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> =>
    new Map(Object.entries(schema.parse(value)));

  for (const [key, [initial, other, wrong]] of Object.entries(table)) {
    test(`${key} has its default, takes what it may be, and nothing else`, () => {
      assert.deepEqual(read({}).get(key), initial);
      assert.deepEqual(read({ [key]: other }).get(key), other);
      for (const value of wrong) {
        assert.equal(schema.safeParse({ [key]: value }).success, false, JSON.stringify(value));
      }
    });
  }

  test('there are no other keys, and one that is not known is refused', () => {
    assert.deepEqual(Object.keys(table).toSorted(), Object.keys(schema.shape).toSorted());
    assert.equal(schema.safeParse({ maxRetry: 1 }).success, false);
  });
}
