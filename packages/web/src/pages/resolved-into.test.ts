import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeStep } from '../testing/make-build.ts';
import { resolvedInto } from './resolved-into.ts';

test('a step knows those that turned out to be the same', () => {
  const real = makeStep({ number: 3, derivation: 'real.drv', status: 'succeeded' });
  const resolution = { derivation: 'real.drv', step: null, wasBuilt: false };
  const one = makeStep({ number: 1, status: 'resolved', resolution });
  const other = makeStep({ number: 2 });
  assert.deepEqual(resolvedInto(real, [one, other, real]), [one]);
  assert.deepEqual(resolvedInto(one, [one, other, real]), []);
});
