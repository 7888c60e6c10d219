import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCacheAddress } from '../../address/parse-address.ts';
import { openTestS3 } from '../../testing/test-s3.ts';
import { openObjectStore } from '../open-object-store.ts';

test('a clock that is wrong is seen through by all requests that are under way', async () => {
  await using s3 = await openTestS3();
  for (const hours of [-1, 1]) {
    const now = () => Date.now() + hours * 3_600_000;
    using store = openObjectStore(parseCacheAddress(s3.address), { ...s3, now });
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    assert.deepEqual(
      await Promise.all(keys.map((key) => store.head(key))),
      keys.map(() => null),
    );
  }
});
