import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoosestLimits } from './loosest-limits.ts';

test('what an attempt was ordered with stays allowed when limits become stricter', () => {
  const limits = new LoosestLimits({ maxLogSize: 100, maxOutputSize: 5 });
  limits.allow({ maxLogSize: 10, maxOutputSize: 3 });
  assert.deepEqual([limits.logBytes, limits.outputBytes], [100, 5]);
  limits.allow({ maxLogSize: 200, maxOutputSize: 0 });
  assert.deepEqual([limits.logBytes, limits.outputBytes], [200, Infinity]);
  limits.allow({ maxLogSize: 200, maxOutputSize: 7 });
  assert.equal(limits.outputBytes, Infinity);
});
