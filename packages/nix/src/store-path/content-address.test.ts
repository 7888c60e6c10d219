import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NixFormatError } from '../format-error.ts';
import { readJsonFixture } from '../testing/fixture.ts';
import { parseContentAddress, printContentAddress } from './content-address.ts';

test('content addresses that Nix wrote survive', () => {
  for (const { ca } of readJsonFixture<readonly { readonly ca: string }[]>('store-paths.json'))
    assert.equal(printContentAddress(parseContentAddress(ca)), ca);
});

test('every method has its own prefix', () => {
  const digits = '0'.repeat(32);
  const methods = {
    [`text:sha1:${digits}`]: 'text',
    [`fixed:sha1:${digits}`]: 'flat',
    [`fixed:r:sha1:${digits}`]: 'nar',
    [`fixed:git:sha1:${digits}`]: 'git',
  };
  for (const [text, method] of Object.entries(methods))
    assert.equal(parseContentAddress(text).method, method);
});

test('anything else is refused', () => {
  const digits = '0'.repeat(32);
  for (const text of [
    '',
    `sha1:${digits}`,
    `fixed:x:sha1:${digits}`,
    `text:r:sha1:${digits}`,
    `fixed:sha2:${digits}`,
    `fixed:sha1:${digits}0`,
    `fixed:sha1`,
  ])
    assert.throws(() => parseContentAddress(text), NixFormatError, text);
});
