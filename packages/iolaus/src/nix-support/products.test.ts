import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseProduct, parseProducts } from './products.ts';

const plain = { type: 'file', subtype: 'iso', path: '/nix/store/x-y/z.iso', defaultPath: '' };

test('a line is type, subtype and path', () => {
  assert.deepEqual(parseProduct('file iso /nix/store/x-y/z.iso'), plain);
  assert.deepEqual(parseProduct('file\t iso \t/nix/store/x-y/z.iso'), plain);
});

test('a fourth word is the page to show first', () => {
  assert.deepEqual(parseProduct('doc manual /nix/store/x-y/doc index.html'), {
    type: 'doc',
    subtype: 'manual',
    path: '/nix/store/x-y/doc',
    defaultPath: 'index.html',
  });
});

test('a path with blanks stands in quotes, which are not part of it', () => {
  const line = 'file x "/nix/store/x-y/two words <1>" page';
  assert.equal(parseProduct(line)?.path, '/nix/store/x-y/two words <1>');
  assert.equal(parseProduct(line)?.defaultPath, 'page');
});

const rejected = [
  ['nothing', ''],
  ['a blank before the line', ' file iso /nix/store/x-y/z'],
  ['a blank after the line', 'file iso /nix/store/x-y/z '],
  ['text before a good line', '<b> file iso /nix/store/x-y/z'],
  ['text after a good line', 'doc manual /nix/store/x-y/doc index.html more'],
  ['no path', 'file iso'],
  ['odd characters in the type', 'fi;le iso /nix/store/x-y/z'],
  ['odd characters in the subtype', 'file i<s>o /nix/store/x-y/z'],
  ['a quote that is not closed', 'file iso "/nix/store/x-y/z'],
  ['a quote in the middle', 'file iso /nix/store/"x-y/z'],
  ['an empty path in quotes', 'file iso ""'],
  ['a bracket in a path without quotes', 'file iso /nix/store/x-y/<z>'],
  ['a bracket in the page', 'doc manual /nix/store/x-y/doc <index>'],
  ['the page in quotes', 'doc manual /nix/store/x-y/doc "a page"'],
  ['no blank behind the quotes', 'doc manual "/nix/store/x-y/doc"index.html'],
  ['letters beyond ASCII in the type', 'fïle iso /nix/store/x-y/z'],
] as const;

for (const [what, line] of rejected) {
  test(`a line is left out for ${what}`, () => {
    assert.equal(parseProduct(line), null);
  });
}

test('lines end with LF or CRLF; what is wrong with one of them is no matter to the others', () => {
  const text = 'file iso /a\r\nnonsense\nfile iso /b\n\nfile iso /c';
  assert.deepEqual(
    parseProducts(text).map(({ path }) => path),
    ['/a', '/b', '/c'],
  );
});

test('a line may be as long as 8192 characters', () => {
  const line = `file iso /${'x'.repeat(8_182)}`;
  assert.equal(line.length, 8_192);
  assert.notEqual(parseProduct(line), null);
  assert.equal(parseProduct(`${line}x`), null);
});

test('not more than 10000 lines are looked at', () => {
  assert.equal(parseProducts('file iso /a\n'.repeat(10_001)).length, 10_000);
});

test('every line made by the grammar is taken apart into what it was made of', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
  const blanks = fc.stringMatching(/^[ \t]{1,3}$/);
  const bare = fc.stringMatching(/^[^\s"<>]{1,20}$/);
  const quoted = fc.stringMatching(/^[^"\n\r]{1,20}$/);
  fc.assert(
    fc.property(word, word, quoted, bare, blanks, (type, subtype, path, defaultPath, blank) => {
      const line = `${type}${blank}${subtype}${blank}"${path}"${blank}${defaultPath}`;
      assert.deepEqual(parseProduct(line), { type, subtype, path, defaultPath });
    }),
  );
});

test('whatever the text, only words of the grammar come out', () => {
  const pieces = fc.constantFrom(
    'file',
    'doc',
    ' ',
    '\t',
    '"',
    '<',
    '/a',
    '..',
    '\n',
    '\r\n',
    ';',
    'é',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (text) => {
      for (const { type, subtype, path, defaultPath } of parseProducts(text.join(''))) {
        assert.match(type, /^[\w-]+$/);
        assert.match(subtype, /^[\w-]+$/);
        assert.match(path, /^[^"\n]+$/);
        assert.match(defaultPath, /^[^\s"<>]*$/);
      }
    }),
  );
});
