import { create } from '@bufbuild/protobuf';
import type { StoreDirectory, StorePath } from '@iolaus/nix';
import { parseBaseName } from '@iolaus/nix';
import type {
  FinishedUpload,
  MultipartGrant,
  ObjectGrant,
  OfferedArchive,
  PartGrant,
  PartsRequest,
  UploadGrant,
  UploadRequest,
} from '../direct-upload.ts';
import type * as wire from '../generated/runner/v1/presigned_pb.ts';
import {
  MultipartPartsRequestSchema,
  PresignedUploadCompleteSchema,
  PresignedUrlRequestSchema,
  PresignedUrlResponseSchema,
} from '../generated/runner/v1/presigned_pb.ts';
import { toHashMessage } from './content-address.ts';
import { readField, required, toNumber } from './field.ts';
import { fromNarinfoMessage, toNarinfoMessage } from './narinfo.ts';
import { fromNarHashMessage } from './path-info.ts';
import { readAttempt, readMachine } from './uuid.ts';

// All that reads here throws `CallError('invalid-argument')`.

export function toUploadRequestMessage(request: UploadRequest): wire.PresignedUrlRequest {
  return create(PresignedUrlRequestSchema, {
    buildId: request.attempt,
    machineId: request.machine,
    compressions: [...request.compressions],
    request: request.archives.map(({ path, narHash, narSize, debugBuildIds }) => ({
      storePath: path,
      narHash: toHashMessage(narHash),
      narSize: BigInt(narSize),
      debugInfoBuildIds: [...debugBuildIds],
    })),
  });
}

export function fromUploadRequestMessage(message: wire.PresignedUrlRequest): UploadRequest {
  return {
    ...uploaderOf(message),
    archives: message.request.map(fromOfferMessage),
    compressions: message.compressions,
  };
}

function fromOfferMessage(message: wire.PresignedNarRequest): OfferedArchive {
  const path = fromBaseName('store_path', message.storePath);
  return {
    path,
    narHash: fromNarHashMessage(`nar_hash of ${path}`, message.narHash),
    narSize: toNumber(`nar_size of ${path}`, message.narSize),
    debugBuildIds: message.debugInfoBuildIds,
  };
}

export function toUploadGrantsMessage(grants: readonly UploadGrant[]): wire.PresignedUrlResponse {
  return create(PresignedUrlResponseSchema, {
    inner: grants.map(({ path, url, archive, listing, debugLinks, bucket }) => ({
      storePath: path,
      narUrl: url,
      narUpload: { ...objectMessage(archive), ...multipartMessage(archive.multipart) },
      ...(listing === null ? {} : { lsUpload: objectMessage(listing) }),
      debugInfoUpload: debugLinks.map(objectMessage),
      ...(bucket === null ? {} : { bucket }),
    })),
  });
}

const objectMessage = ({ key, url, compression, level }: ObjectGrant) => ({
  path: key,
  url,
  compression,
  compressionLevel: level ?? 0,
});

function multipartMessage(multipart: MultipartGrant | null) {
  if (multipart === null) return {};
  const { uploadId, partBytes, parts } = multipart;
  return { multipart: { uploadId, partSize: BigInt(partBytes), parts: partMessages(parts) } };
}

export const partMessages = (parts: readonly PartGrant[]) =>
  parts.map(({ number, url }) => ({ partNumber: number, url }));

export function fromUploadGrantsMessage(message: wire.PresignedUrlResponse): UploadGrant[] {
  return message.inner.map((grant) => {
    const upload = required('nar_upload', grant.narUpload);
    return {
      path: fromBaseName('store_path', grant.storePath),
      url: grant.narUrl,
      archive: { ...fromObjectMessage(upload), multipart: fromMultipartMessage(upload) },
      listing: grant.lsUpload === undefined ? null : fromObjectMessage(grant.lsUpload),
      debugLinks: grant.debugInfoUpload.map(fromObjectMessage),
      bucket: grant.bucket ?? null,
    };
  });
}

const fromObjectMessage = (message: wire.PresignedUpload): ObjectGrant => ({
  key: message.path,
  url: message.url,
  compression: message.compression,
  level: message.compressionLevel === 0 ? null : message.compressionLevel,
});

function fromMultipartMessage({ multipart }: wire.PresignedUpload): MultipartGrant | null {
  if (multipart === undefined) return null;
  return {
    uploadId: multipart.uploadId,
    partBytes: toNumber('part_size', multipart.partSize),
    parts: fromPartMessages(multipart.parts),
  };
}

export const fromPartMessages = (parts: readonly wire.MultipartPart[]): PartGrant[] =>
  parts.map(({ partNumber, url }) => ({ number: partNumber, url }));

export function toPartsRequestMessage(request: PartsRequest): wire.MultipartPartsRequest {
  const { attempt, machine, key, uploadId, first, count, bucket } = request;
  return create(MultipartPartsRequestSchema, {
    buildId: attempt,
    machineId: machine,
    objectKey: key,
    uploadId,
    startPartNumber: first,
    numParts: count,
    ...(bucket === null ? {} : { bucket }),
  });
}

export function fromPartsRequestMessage(message: wire.MultipartPartsRequest): PartsRequest {
  return {
    ...uploaderOf(message),
    key: message.objectKey,
    uploadId: message.uploadId,
    first: message.startPartNumber,
    count: message.numParts,
    bucket: message.bucket ?? null,
  };
}

export function toFinishedUploadMessage(
  directory: StoreDirectory,
  upload: FinishedUpload,
): wire.PresignedUploadComplete {
  const { attempt, machine, narinfo, multipart, alreadyPresent, bucket } = upload;
  return create(PresignedUploadCompleteSchema, {
    buildId: attempt,
    machineId: machine,
    narAlreadyPresent: alreadyPresent,
    narInfo: toNarinfoMessage(directory, narinfo),
    ...(multipart === null ? {} : { multipart: completionMessage(multipart) }),
    ...(bucket === null ? {} : { bucket }),
  });
}

const completionMessage = ({ key, uploadId, parts }: NonNullable<FinishedUpload['multipart']>) => ({
  objectKey: key,
  uploadId,
  parts: parts.map(({ number, etag }) => ({ partNumber: number, etag })),
});

export function fromFinishedUploadMessage(
  directory: StoreDirectory,
  message: wire.PresignedUploadComplete,
): FinishedUpload {
  const { narInfo, multipart } = message;
  return {
    ...uploaderOf(message),
    narinfo: fromNarinfoMessage(directory, required('nar_info', narInfo)),
    multipart:
      multipart === undefined
        ? null
        : {
            key: multipart.objectKey,
            uploadId: multipart.uploadId,
            parts: multipart.parts.map(({ partNumber, etag }) => ({ number: partNumber, etag })),
          },
    alreadyPresent: message.narAlreadyPresent,
    bucket: message.bucket ?? null,
  };
}

const uploaderOf = (message: { readonly buildId: string; readonly machineId: string }) => ({
  attempt: readAttempt(message.buildId),
  machine: readMachine(message.machineId),
});

const fromBaseName = (field: string, text: string): StorePath =>
  readField(field, () => parseBaseName(text));
