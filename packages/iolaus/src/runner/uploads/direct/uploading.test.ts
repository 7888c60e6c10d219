import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashPath } from '@iolaus/nix';
import type { UploadTarget } from '../../../builder/uploads/upload-directly.ts';
import type { Sweeps } from '../../../cache/sweeps.ts';
import { openS3rver } from '../../../cache/testing/test-s3.ts';
import { openUploadScene } from './testing/upload-scene.ts';

test('two builders that publish the same at once write one object each, and both have it', async () => {
  await using scene = await openUploadScene({ floating: true });
  await Promise.all([scene.upload(), scene.upload(undefined, scene.rival())]);
  assert.equal(await scene.verify(), 2);
  for (const [key, writes] of scene.s3.writes) assert.equal(writes, 1, key);
  assert.equal(await scene.s3.openUploads(), 0);
});

test('what an attempt left that was cut off between two outputs gives way to what the next one made', async () => {
  await using scene = await openUploadScene();
  const { small, large } = scene.infos;
  await scene.upload([small]);
  const file = join(scene.folder, small.path);
  await writeFile(file, 'made by the second');
  const { hash: narHash, size: narSize } = await hashPath(file);
  await scene.upload([{ ...small, narHash, narSize }, large], scene.rival());
  assert.equal(await scene.verify(), 2);
  const writes = [...scene.s3.writes].filter(([key]) => key.endsWith('.narinfo'));
  assert.equal(
    writes.reduce((sum, [, count]) => sum + count, 0),
    3,
  );
  // What is all there stays.
  await writeFile(file, 'made by the third');
  const third = await hashPath(file);
  const again = { ...small, narHash: third.hash, narSize: third.size };
  await scene.upload([again, large], scene.rival());
  assert.deepEqual(
    [...scene.s3.writes].filter(([key]) => key.endsWith('.narinfo')),
    writes,
  );
});

test('outputs that the cache has, though nobody knew that a build would make them, are spared before they are relied on', async () => {
  const swept = new Set<string>();
  const sweeps: Sweeps = {
    settled: async () => swept.size,
    spare: async (keys) => {
      for (const key of keys) {
        if (swept.has(key)) continue;
        swept.add(key);
        await scene.client.sendForText({ method: 'DELETE', key });
      }
    },
  };
  await using scene = await openUploadScene({ floating: true, sweeps });
  await scene.upload();
  // Both were being swept when the second attempt asked.
  await scene.upload(undefined, scene.rival());
  assert.equal(swept.size, 4, 'with their archives');
  assert.equal(await scene.verify(), 2);
});

for (const compression of ['xz', 'bzip2', 'br', 'zstd'])
  test(`archives are compressed with ${compression} on the way, and described by what is read back`, async () => {
    const parameters = `compression=${compression}&compression-level=1&write-nar-listing=1`;
    await using scene = await openUploadScene({ parameters });
    await scene.upload();
    assert.equal(await scene.verify(), 2);
    const listings = (await scene.s3.keys()).filter((key) => key.endsWith('.ls'));
    assert.equal(listings.length, 2);
  });

test('who has no program for what the cache wants compresses as it can, and what it puts is described so', async () => {
  const compressions = ['none', 'br', 'zstd'];
  await using scene = await openUploadScene({
    parameters: 'compression=xz',
    change: (target) => ({
      ...target,
      requestUploads: (request) => target.requestUploads({ ...request, compressions }),
    }),
  });
  await scene.upload();
  assert.equal(await scene.verify(), 2);
  const archives = (await scene.s3.keys()).filter((key) => key.startsWith('nar/'));
  for (const key of archives) assert.match(key, /\.nar\.zst$/);
});

test("a server of somebody else's takes what is presigned, at once and in parts", async () => {
  await using scene = await openUploadScene({ s3: await openS3rver() });
  await scene.upload();
  assert.equal(await scene.verify(), 2);
});

/** All addresses are as if they had expired, or had never been given. */
const withParts =
  (change: (url: string) => string | null) =>
  (target: UploadTarget): UploadTarget => ({
    ...target,
    requestUploads: async (request) =>
      (await target.requestUploads(request)).map((grant) => {
        const { multipart } = grant.archive;
        if (multipart === null) return grant;
        const parts = multipart.parts.flatMap(({ number, url }) => {
          const changed = change(url);
          return changed === null ? [] : [{ number, url: changed }];
        });
        return { ...grant, archive: { ...grant.archive, multipart: { ...multipart, parts } } };
      }),
  });

test('addresses of parts are asked for when they are needed, and renewed when they are good no more', async () => {
  for (const change of [() => null, (url: string) => url.replace(/Date=\d{4}/, 'Date=2020')]) {
    await using scene = await openUploadScene({ change: withParts(change) });
    await scene.upload();
    assert.equal(await scene.verify(), 2);
  }
});

test("addresses are good by S3's clock, whatever ours says, and however little it is wrong", async () => {
  for (const minutes of [-120, -10]) {
    let skew = 0;
    const parameters = 'compression=none&presigned-url-expiry=60';
    await using scene = await openUploadScene({ parameters, now: () => Date.now() + skew });
    skew = minutes * 60_000;
    await scene.upload();
    assert.equal(await scene.verify(), 2);
  }
});

test('who trusts builders reads nothing back, but looks whether it is there', async () => {
  await using scene = await openUploadScene({ trusts: true });
  await scene.upload();
  const read = scene.s3.requests.filter(
    ({ method, key }) => method === 'GET' && key.startsWith('nar/'),
  );
  assert.deepEqual(read, []);
  assert.equal(await scene.verify(), 2);
});
