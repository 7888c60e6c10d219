import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivationPath, parseBaseName } from '@iolaus/nix';
import type { BuildProduct } from '../../farm/facts.ts';
import { Refusals } from '../builders/refusals.ts';
import { proveSupport } from './proven-support.ts';

const path = parseBaseName(`${'0'.repeat(32)}-image`);
const reporter = { derivation: derivationPath(`${'1'.repeat(32)}-image.drv`), hostname: 'sinon' };
const nothing = (): void => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const image: BuildProduct = {
  type: 'file',
  subtype: 'iso',
  storePath: path,
  subPath: 'image.iso',
  defaultPath: '',
  name: 'image.iso',
  isRegularFile: true,
  fileSize: 10,
  sha256: 'aa',
};
const folder: BuildProduct = { ...image, isRegularFile: false, fileSize: null, sha256: null };

/** In the store is the image as it is; the builder says something of its own. */
async function prove(said: readonly BuildProduct[], { isStored = true } = {}) {
  const refusals = new Refusals(silent);
  const support = { failed: false, releaseName: null, metrics: [] };
  let reads = 0;
  const proven = await proveSupport(
    reporter,
    {
      supports: new Map([['out', { ...support, products: said }]]),
      outputs: new Map([['out', path]]),
    },
    {
      refusals,
      local: {
        validPaths: async (paths) => new Set(isStored ? paths : []),
        remove: async () => {},
        readSupport: async () => {
          reads += 1;
          return new Map([['out', { ...support, products: [image] }]]);
        },
      },
    },
  );
  const products = proven.get('out')?.products;
  return { products, reads, lies: refusals.counts.get('false-product') ?? 0 };
}

test('a file among the products is what it is in the store; who says otherwise is counted', async () => {
  for (const lie of [
    { ...image, fileSize: 11 },
    { ...image, sha256: 'bb' },
    { ...image, subPath: 'another' },
  ])
    assert.deepEqual(await prove([lie]), { products: [image], reads: 1, lies: 1 });
  for (const word of [image, { ...image, sha256: null }])
    assert.deepEqual(await prove([word]), { products: [image], reads: 1, lies: 0 });
});

test('nothing is read for products that are no files, nor where only a cache has them', async () => {
  assert.deepEqual(await prove([folder]), { products: [folder], reads: 0, lies: 0 });
  const lie = { ...image, sha256: 'bb' };
  assert.deepEqual(await prove([lie], { isStored: false }), { products: [lie], reads: 0, lies: 0 });
});
