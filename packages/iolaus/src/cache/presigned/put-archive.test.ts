import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dumpNar, hashPath, parseBaseName } from '@iolaus/nix';
import { parseCacheAddress } from '../address/parse-address.ts';
import { HttpClient } from '../http/http-client.ts';
import { openObjectStore } from '../objects/open-object-store.ts';
import { S3Store } from '../objects/s3/s3-store.ts';
import { openTestS3 } from '../testing/test-s3.ts';
import { presignWhole } from './open-archive.ts';
import { putArchive } from './put-archive.ts';

test('what is too large for memory goes in one piece where a runner wants that, and again after a failure', async () => {
  await using s3 = await openTestS3();
  using store = openObjectStore(parseCacheAddress(s3.address), s3);
  assert.ok(store instanceof S3Store);
  const folder = await mkdtemp(join(tmpdir(), 'whole-'));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const file = join(folder, 'large');
  await writeFile(file, 'begins so');
  await truncate(file, 70 * 2 ** 20);
  const { hash: narHash, size: narSize } = await hashPath(file);
  const claim = { path: parseBaseName(`${'0'.repeat(32)}-large`), narHash, narSize };
  const target = { compression: 'none', level: null, multipart: null } as const;
  const url = await presignWhole(store.client, 'nar/large.nar');
  using http = new HttpClient();
  const sender = {
    http,
    signal: new AbortController().signal,
    retries: { triesMax: 2, firstMilliseconds: 1, longestMilliseconds: 2 },
  };
  s3.inject(({ number }) => (number === 1 ? 'slow-down' : null));
  const put = await putArchive(sender, { ...target, url }, claim, dumpNar(file));
  assert.deepEqual([put.alreadyPresent, put.parts, put.fileSize], [false, null, narSize]);
  assert.equal((await store.head('nar/large.nar'))?.sizeInBytes, narSize);
  const again = await putArchive(sender, { ...target, url }, claim, dumpNar(file));
  assert.equal(again.alreadyPresent, true);
});
