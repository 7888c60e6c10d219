import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { defaultStoreDirectory } from '@iolaus/nix';
import fc from 'fast-check';
import type { FinishedUpload, PartsRequest, UploadGrant, UploadRequest } from '../direct-upload.ts';
import { MultipartPartsResponseSchema } from '../generated/runner/v1/presigned_pb.ts';
import {
  attemptUuid,
  machineUuid,
  natural,
  orNull,
  record,
  sha256,
  storePath,
} from '../testing/arbitraries.ts';
import {
  fromFinishedUploadMessage,
  fromPartMessages,
  fromPartsRequestMessage,
  fromUploadGrantsMessage,
  fromUploadRequestMessage,
  partMessages,
  toFinishedUploadMessage,
  toPartsRequestMessage,
  toUploadGrantsMessage,
  toUploadRequestMessage,
} from './direct-upload.ts';

const word = fc.string({ minLength: 1, maxLength: 10 });
const number = fc.integer({ min: 1, max: 10_000 });
const object = {
  key: word,
  url: word,
  compression: word,
  level: orNull(fc.integer({ min: 1, max: 22 })),
};
const uploader = { attempt: attemptUuid, machine: machineUuid };

const request = record<UploadRequest>({
  ...uploader,
  compressions: fc.array(word),
  archives: fc.array(
    record({ path: storePath, narHash: sha256, narSize: natural, debugBuildIds: fc.array(word) }),
  ),
});

const part = record({ number, url: word });

const partsRequest = record<PartsRequest>({
  ...uploader,
  key: word,
  uploadId: word,
  first: number,
  count: number,
  bucket: orNull(word),
});

const grant = record<UploadGrant>({
  path: storePath,
  url: word,
  bucket: orNull(word),
  archive: record({
    ...object,
    multipart: orNull(
      record({
        uploadId: word,
        partBytes: natural,
        parts: fc.array(part),
      }),
    ),
  }),
  listing: orNull(record(object)),
  debugLinks: fc.array(record(object)),
});

const finished = record<FinishedUpload>({
  ...uploader,
  alreadyPresent: fc.boolean(),
  bucket: orNull(word),
  narinfo: record({
    path: storePath,
    deriver: orNull(storePath),
    references: fc.array(storePath),
    narHash: sha256,
    narSize: natural,
    url: word,
    compression: word,
    fileHash: orNull(sha256),
    fileSize: orNull(natural),
    signatures: fc.constant([]),
    contentAddress: fc.constant(null),
  }),
  multipart: orNull(
    record({
      key: word,
      uploadId: word,
      parts: fc.array(record({ number, etag: word })),
    }),
  ),
});

test('what a builder offers, is granted and has put arrives as it was sent', () => {
  fc.assert(
    fc.property(request, fc.array(grant), finished, (offered, granted, put) => {
      assert.deepEqual(fromUploadRequestMessage(toUploadRequestMessage(offered)), offered);
      assert.deepEqual(fromUploadGrantsMessage(toUploadGrantsMessage(granted)), granted);
      const message = toFinishedUploadMessage(defaultStoreDirectory, put);
      assert.deepEqual(fromFinishedUploadMessage(defaultStoreDirectory, message), put);
    }),
  );
});

test('what further parts a builder asks for, and is given, arrives as it was sent', () => {
  fc.assert(
    fc.property(partsRequest, fc.array(part), (asked, given) => {
      assert.deepEqual(fromPartsRequestMessage(toPartsRequestMessage(asked)), asked);
      const answer = create(MultipartPartsResponseSchema, { parts: partMessages(given) });
      assert.deepEqual(fromPartMessages(answer.parts), given);
    }),
  );
});
