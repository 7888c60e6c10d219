import { parseCacheAddress } from '../../packages/iolaus/src/cache/address/parse-address.ts';
import { openBinaryCache } from '../../packages/iolaus/src/cache/binary-cache.ts';
import {
  completeMultipart,
  createMultipart,
} from '../../packages/iolaus/src/cache/objects/s3/multipart.ts';
import { S3Store } from '../../packages/iolaus/src/cache/objects/s3/s3-store.ts';
import {
  archiveHeaders,
  firstParts,
  presignParts,
} from '../../packages/iolaus/src/cache/presigned/open-archive.ts';
import { archiveKey } from '../../packages/iolaus/src/cache/publish/store-archive.ts';
import type { UploadTarget } from '../../packages/iolaus/src/builder/uploads/upload-directly.ts';

/** Lets a builder upload, as a runner would that trusts it. */
export function openPresigner(address: string): UploadTarget & Disposable {
  const cache = openBinaryCache(parseCacheAddress(address));
  const { objects, settings } = cache;
  if (!(objects instanceof S3Store)) throw new Error('an address of S3 was expected');
  const { client } = objects;
  return {
    requestUploads: ({ archives }) =>
      Promise.all(
        archives.map(async (claim) => {
          const key = archiveKey(claim, settings.nar.compression);
          const upload = await createMultipart(client, key, archiveHeaders(client));
          const { partBytes, count } = firstParts(client, claim);
          const parts = await presignParts(client, upload, 1, count);
          const multipart = { uploadId: upload.uploadId, partBytes, parts };
          return {
            path: claim.path,
            url: key,
            listing: null,
            debugLinks: [],
            bucket: null,
            archive: { key, url: '', ...settings.nar, multipart },
          };
        }),
      ),
    requestParts: ({ first, count, ...upload }) => presignParts(client, upload, first, count),
    finishUpload: async ({ multipart }) => {
      if (multipart === null) return;
      const parts = multipart.parts.map(({ number, etag }) => ({ number, etag: `"${etag}"` }));
      await completeMultipart(client, multipart, parts, { ifAbsent: true });
    },
    [Symbol.dispose]: () => cache[Symbol.dispose](),
  };
}
