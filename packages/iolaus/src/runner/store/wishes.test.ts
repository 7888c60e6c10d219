import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUtf8 } from '@iolaus/nix';
import type { BasicDerivation } from '@iolaus/nix';
import { readWishes } from './wishes.ts';

function withEnvironment(variables: Readonly<Record<string, string>>): BasicDerivation {
  return {
    name: 'app',
    outputs: new Map(),
    inputSources: [],
    system: fromUtf8('x86_64-linux'),
    builder: fromUtf8('/bin/sh'),
    arguments: [],
    environment: new Map(
      Object.entries(variables).map(([name, value]) => [fromUtf8(name), fromUtf8(value)]),
    ),
  };
}

test('wishes are read from the environment of a derivation', () => {
  const wishes = readWishes(
    withEnvironment({
      iolausNeverRetry: '1',
      iolausTransientExitCodes: 'tempfail 17',
      iolausMemory: '1.5 GiB',
      iolausSize: 'big',
      preferLocalBuild: '1',
      out: '/nix/store/x',
    }),
  );
  assert.deepEqual(wishes, {
    neverRetry: true,
    transientExitCodes: [75, 17],
    memoryBytes: 1.5 * 2 ** 30,
    prefersLocal: true,
    size: 'big',
  });
});

test('wishes are read from structured attributes, and then from nowhere else', () => {
  const json = JSON.stringify({ iolausTransientExitCodes: [75], iolausMemory: '512M' });
  assert.deepEqual(readWishes(withEnvironment({ __json: json, iolausNeverRetry: '1' })), {
    transientExitCodes: [75],
    memoryBytes: 512 * 2 ** 20,
  });
});

test('a derivation without wishes, or with some that mean nothing, has none', () => {
  const meaningless = {
    iolausNeverRetry: '',
    iolausTransientExitCodes: '0 256 -1 soon',
    iolausMemory: 'plenty',
    iolausSize: 'huge',
  };
  for (const variables of [{}, meaningless, { __json: '{ "iolausSize": ' }, { __json: '3' }]) {
    assert.equal(readWishes(withEnvironment(variables)), undefined);
  }
});
