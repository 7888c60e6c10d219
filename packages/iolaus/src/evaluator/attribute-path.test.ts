import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAttributePath, printAttributePath } from './attribute-path.ts';

test('names with a dot are in quotes, as nix-eval-jobs prints them', () => {
  assert.equal(printAttributePath(['python', '3.12', 'out put']), 'python."3.12".out put');
});

test('every path is read as it was printed', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (path) => {
      assert.deepEqual(parseAttributePath(printAttributePath(path)), path);
    }),
  );
});

test('no text is the value of the file itself', () => {
  assert.deepEqual(parseAttributePath(''), []);
});

test('a path with an empty name or a loose quotation mark is refused', () => {
  for (const text of ['a..b', '.a', 'a.', 'a"b', '"a"b', '"a'])
    assert.throws(() => parseAttributePath(text), { name: 'Fault', code: 'bad-usage' });
});
