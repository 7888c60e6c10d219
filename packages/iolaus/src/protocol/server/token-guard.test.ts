import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultStoreDirectory } from '@iolaus/nix';
import { connectRunner } from '../client/runner-client.ts';
import { aJoin, aPath, startPair } from '../testing/runner-pair.ts';

const refusal = { name: 'CallError', status: 'unauthenticated', message: 'No valid auth token' };

test('a builder with one of the tokens passes, and others do not', async () => {
  await using pair = await startPair(
    { hasPath: async () => true },
    { tokens: () => ['first', 'second'], token: 'second' },
  );
  assert.equal(await pair.client.hasPath(aPath('x')), true);
  for (const token of [undefined, '', 'third', 'secon', 'second2', 'Second']) {
    await using stranger = connectRunner(pair.server.endpoint, {
      storeDirectory: defaultStoreDirectory,
      ...(token === undefined ? {} : { token }),
    });
    await assert.rejects(stranger.hasPath(aPath('x')), refusal);
    await assert.rejects(
      stranger.openTunnel(aJoin()).messages[Symbol.asyncIterator]().next(),
      refusal,
    );
  }
});

test('an empty list refuses everybody, and a new list counts at once', async () => {
  let tokens: string[] = [];
  await using pair = await startPair(
    { hasPath: async () => true },
    { tokens: () => tokens, token: 'secret' },
  );
  await assert.rejects(pair.client.hasPath(aPath('x')), refusal);
  tokens = ['secret'];
  assert.equal(await pair.client.hasPath(aPath('x')), true);
});

test('without a list a token does no harm', async () => {
  await using pair = await startPair({ hasPath: async () => true }, { token: 'any' });
  assert.equal(await pair.client.hasPath(aPath('x')), true);
});
