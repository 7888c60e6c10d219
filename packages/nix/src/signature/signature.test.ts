import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { NixFormatError } from '../format-error.ts';
import { readFixture } from '../testing/fixture.ts';
import {
  generateSecretKey,
  parsePublicKey,
  parsePublicKeys,
  parseSecretKey,
  printPublicKey,
  printSecretKey,
  publicKeyOf,
} from './key.ts';
import { isSignedBy, parseSignature, signText } from './signature.ts';

const secretText = readFixture('keys/secret.key').toString();
const publicText = readFixture('keys/public.key').toString();

test('keys that Nix made are read and written byte for byte, and belong together', () => {
  const secret = parseSecretKey(secretText);
  assert.equal(printSecretKey(secret), secretText);
  assert.equal(printPublicKey(parsePublicKey(publicText)), publicText);
  assert.equal(printPublicKey(publicKeyOf(secret)), publicText);
});

test('white space around a key does no harm, as editors leave a newline at the end', () => {
  for (const [before, after] of [
    ['', '\n'],
    ['', '\r\n'],
    [' ', ' \n\n'],
  ]) {
    assert.equal(printSecretKey(parseSecretKey(`${before}${secretText}${after}`)), secretText);
    assert.equal(printPublicKey(parsePublicKey(`${before}${publicText}${after}`)), publicText);
  }
});

test('a key damaged anywhere is refused by an error that does not quote it', () => {
  const damaged = [
    ...Array.from(secretText, (_, index) => secretText.slice(0, index)),
    secretText.replace('8g6F', '8g6G'),
    secretText.replace(':', ':A'),
    `${secretText}${secretText}`,
    publicText,
  ];
  const digits = secretText.split(':')[1] ?? '';
  for (const text of damaged)
    assert.throws(
      () => parseSecretKey(text),
      (error) => {
        assert.ok(error instanceof NixFormatError && error.offset !== null);
        for (let start = 0; start + 8 <= digits.length; start += 1)
          assert.ok(!inspect(error).includes(digits.slice(start, start + 8)));
        return true;
      },
    );
});

test('a text is signed so that its public key, and no other, says so', () => {
  const [mine, other] = ['mine', 'mine'].map((name) => generateSecretKey(name));
  if (mine === undefined || other === undefined) assert.fail();
  const signature = signText(mine, 'text');
  assert.equal(signText(mine, 'text'), signature);
  assert.equal(parseSignature(signature).keyName, 'mine');
  const keys = [publicKeyOf(mine)];
  assert.equal(isSignedBy(keys, 'text', signature), true);
  assert.equal(isSignedBy(keys, 'texts', signature), false);
  assert.equal(isSignedBy([publicKeyOf(other)], 'text', signature), false);
  assert.equal(isSignedBy([], 'text', signature), false);
  assert.equal(isSignedBy(keys, 'text', signature.replace('mine', 'yours')), false);
  assert.equal(isSignedBy(keys, 'text', 'mine:AA=='), false);
});

test('two keys of one name may both be trusted, as while one takes over from the other', () => {
  const keys = ['cache-1', 'cache-1', 'else'].map((name) => generateSecretKey(name));
  const text = keys.map((key) => printPublicKey(publicKeyOf(key))).join(' ');
  const trusted = parsePublicKeys(`  ${text}\n`);
  assert.equal(trusted.length, 3);
  for (const key of keys) assert.equal(isSignedBy(trusted, 'text', signText(key, 'text')), true);
});

test('a name that could not be read again is not given to a key', () => {
  for (const name of ['', 'a:b', 'a b'])
    assert.throws(() => generateSecretKey(name), NixFormatError);
});
