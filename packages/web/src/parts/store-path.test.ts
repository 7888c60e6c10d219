import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivationName, splitStorePath } from './store-path.ts';

const hash = '0123456789abcdfghijklmnpqrsvwxyz';

test('a derivation is called by its name, without folder, hash and ending', () => {
  assert.equal(derivationName(`/nix/store/${hash}-hello-2.12.drv`), 'hello-2.12');
  assert.equal(derivationName(`${hash}-hello-2.12.drv`), 'hello-2.12');
});

test('what is no store path is called by itself', () => {
  assert.equal(derivationName('hello'), 'hello');
  assert.deepEqual(splitStorePath('hello'), { prefix: '', name: 'hello' });
});

test('a store path falls into the part that is the same for all and the part that tells', () => {
  assert.deepEqual(splitStorePath(`/nix/store/${hash}-hello-2.12`), {
    prefix: `/nix/store/${hash}-`,
    name: 'hello-2.12',
  });
});
