import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMetric, parseMetrics } from './metrics.ts';

test('a line is name, value and perhaps a unit', () => {
  assert.deepEqual(parseMetric('coverage 76.5 %'), { name: 'coverage', value: 76.5, unit: '%' });
  assert.deepEqual(parseMetric('a.b_c-d\t4'), { name: 'a.b_c-d', value: 4, unit: null });
});

test('what stands behind the unit is ignored', () => {
  assert.deepEqual(parseMetric('size 1 KiB of memory'), { name: 'size', value: 1, unit: 'KiB' });
});

const values: readonly (readonly [string, number])[] = [
  ['4', 4],
  ['1e3', 1_000],
  ['+1', 1],
  ['-2.5E-1', -0.25],
  ['.5', 0.5],
  ['5.', 5],
  ['inf', Infinity],
  ['-Infinity', -Infinity],
  ['NaN', Number.NaN],
];
for (const [text, value] of values) {
  test(`${text} is a value`, () => {
    assert.equal(parseMetric(`x ${text}`)?.value, value);
  });
}

for (const text of ['0x10', '1_000', '4;', '4x', 'e3', '.', '+', '1e', '--1', '', '٤', 'infinit']) {
  test(`'${text}' is no value, and its line is skipped`, () => {
    assert.equal(parseMetric(`x ${text}`), null);
  });
}

test('a name with odd characters skips its line', () => {
  assert.equal(parseMetric('a;b 1'), null);
  assert.equal(parseMetric('<b> 1'), null);
  assert.equal(parseMetric('größe 1'), null);
});

test('a unit with odd characters counts as none', () => {
  assert.deepEqual(parseMetric('x 1 <x>'), { name: 'x', value: 1, unit: null });
});

test('a name may have 255 characters', () => {
  assert.equal(parseMetric(`${'n'.repeat(255)} 1`)?.name.length, 255);
  assert.equal(parseMetric(`${'n'.repeat(256)} 1`), null);
});

test('of several lines with one name the last one counts', () => {
  assert.deepEqual(parseMetrics('x 1 s\ny 2\nx 3\r\n'), [
    { name: 'x', value: 3, unit: null },
    { name: 'y', value: 2, unit: null },
  ]);
});

test('every number that JavaScript prints is read back', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      assert.ok(Object.is(parseMetric(`x ${value}`)?.value, Object.is(value, -0) ? 0 : value));
    }),
  );
});
