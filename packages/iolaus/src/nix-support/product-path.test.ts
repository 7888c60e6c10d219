import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBaseName, storeDirectory } from '@iolaus/nix';
import fc from 'fast-check';
import { locateProduct, staysInside } from './product-path.ts';

const directory = storeDirectory('/nix/store');
const own = parseBaseName('00000000000000000000000000000000-own');
const sibling = parseBaseName('11111111111111111111111111111111-own-dev');
const foreign = '22222222222222222222222222222222-foreign';

function locate(path: string): string | null {
  const place = locateProduct(directory, [own, sibling], path);
  return place === null ? null : [place.storePath, ...place.components].join('/');
}

test('an output itself and what is in it are places for products', () => {
  assert.equal(locate(`/nix/store/${own}`), own);
  assert.equal(locate(`/nix/store/${own}/`), own);
  assert.equal(locate(`/nix/store/${sibling}/a/b`), `${sibling}/a/b`);
});

test('dots and doubled slashes are taken out', () => {
  assert.equal(locate(`/nix/store/${own}//a/./b/../c/`), `${own}/a/c`);
});

const outside = [
  ['no path at all', 'a/b'],
  ['a path of the system', '/etc/passwd'],
  ['the store itself', '/nix/store'],
  ['the store with a slash', '/nix/store/'],
  ['another store object', `/nix/store/${foreign}/a`],
  ['a name that only begins like an output', `/nix/store/${own}-more/a`],
  ['a directory that only begins like the store', `/nix/store2/${own}/a`],
  ['a path that climbs out of its output', `/nix/store/${own}/../${foreign}/a`],
  ['a path that climbs into another output', `/nix/store/${own}/../${sibling}/a`],
  ['a path that climbs out and comes back', `/nix/store/${own}/../${own}/a`],
  ['a path that climbs out deep inside', `/nix/store/${own}/a/../../../../etc/passwd`],
  ['an absolute path behind the output', `/nix/store//etc/passwd`],
  ['a store path that is reached by climbing', `/nix/store/../store/${own}/a`],
  ['a zero byte', `/nix/store/${own}/a\0b`],
] as const;
for (const [what, path] of outside) {
  test(`no product lies at ${what}`, () => {
    assert.equal(locate(path), null);
  });
}

test('what is absolute behind the output stays inside of it', () => {
  assert.equal(locate(`/nix/store/${own}//etc/passwd`), `${own}/etc/passwd`);
});

test('a page must be inside of its product', () => {
  assert.equal(staysInside('index.html'), true);
  assert.equal(staysInside('a/../b'), true);
  assert.equal(staysInside(''), true);
  assert.equal(staysInside('../x'), false);
  assert.equal(staysInside('a/../../x'), false);
  assert.equal(staysInside('/etc/passwd'), false);
});

test('whatever the path, the place has no component that leads anywhere else', () => {
  const piece = fc.constantFrom('..', '.', '', 'a', 'b c', own, sibling, foreign, 'etc');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const place = locateProduct(directory, [own, sibling], `/nix/store/${pieces.join('/')}`);
      if (place === null) return;
      assert.ok([own, sibling].includes(place.storePath));
      for (const component of place.components) assert.ok(!['', '.', '..'].includes(component));
    }),
  );
});
