import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NixFormatError } from '../format-error.ts';
import {
  checkStorePathName,
  defaultStoreDirectory,
  derivationName,
  derivationPath,
  isDerivationPath,
  parseBaseName,
  parseStorePath,
  printStorePath,
  storeDirectory,
  storePathDigest,
  storePathName,
} from './store-path.ts';

const digest = '72sxivbk47y6fydp18f55yympn8cli7c';

test('a path is taken apart and put together again', () => {
  const path = parseStorePath(defaultStoreDirectory, `/nix/store/${digest}-ca-floating.drv`);
  assert.equal(path, `${digest}-ca-floating.drv`);
  assert.equal(storePathDigest(path), digest);
  assert.equal(storePathName(path), 'ca-floating.drv');
  assert.ok(isDerivationPath(path));
  assert.equal(derivationName(derivationPath(path)), 'ca-floating');
  assert.equal(printStorePath(defaultStoreDirectory, path), `/nix/store/${digest}-ca-floating.drv`);
});

test('names may have every character that Nix allows, up to 211 of them', () => {
  for (const name of ['a', '0', '+-._?=', '.hidden', '...', '..a', 'x'.repeat(211)])
    assert.equal(parseBaseName(`${digest}-${name}`), `${digest}-${name}`);
});

test('what could leave the store or is no name is refused', () => {
  const names = ['', '.', '..', '.-a', '..-a', 'a/b', 'a b', 'ü', 'a\n', 'a\0', 'x'.repeat(212)];
  for (const name of names) {
    assert.throws(() => parseBaseName(`${digest}-${name}`), NixFormatError, name);
    assert.throws(() => checkStorePathName(name), NixFormatError, name);
  }
});

test('a digest has 32 characters of nix32', () => {
  for (const wrong of [
    digest.slice(1),
    `${digest}0`,
    digest.replace('7', 'e'),
    digest.toUpperCase(),
  ])
    assert.throws(() => parseBaseName(`${wrong}-name`), NixFormatError, wrong);
});

test('a path of another store, or deeper within it, is refused', () => {
  const within = `${digest}-name`;
  for (const text of [
    within,
    `/gnu/store/${within}`,
    `/nix/store${within}`,
    `/nix/store//${within}`,
    `/nix/store/${within}/bin`,
    `/nix/store/../store/${within}`,
  ])
    assert.throws(() => parseStorePath(defaultStoreDirectory, text), NixFormatError, text);
});

test('only what ends in .drv is a derivation', () => {
  assert.throws(() => derivationPath(`${digest}-name`), NixFormatError);
  assert.equal(isDerivationPath(parseBaseName(`${digest}-drv`)), false);
});

test('a store directory is an absolute and normal path', () => {
  for (const text of ['/nix/store', '/s', '/home/some one/.store', '/...'])
    assert.equal(storeDirectory(text), text);
  for (const text of ['', '/', 'nix/store', '/nix/store/', '/nix//store', '/nix/../store', '/./s'])
    assert.throws(() => storeDirectory(text), NixFormatError, text);
});
