import { create } from '@bufbuild/protobuf';
import { makeHash } from '@iolaus/nix';
import type { ContentAddress, ContentAddressMethod, Hash, HashAlgorithm } from '@iolaus/nix';
import { CallError } from '../call-error.ts';
import type * as wire from '../generated/nix/store/v1/store_pb.ts';
import {
  ContentAddressMethodAlgorithmSchema,
  ContentAddressSchema,
  ContentAddress_Method,
  HashSchema,
  Hash_Algorithm,
} from '../generated/nix/store/v1/store_pb.ts';
import { readField, required } from './field.ts';

const algorithmNumbers = {
  sha256: Hash_Algorithm.SHA256,
  sha512: Hash_Algorithm.SHA512,
  sha1: Hash_Algorithm.SHA1,
  md5: Hash_Algorithm.MD5,
  blake3: Hash_Algorithm.BLAKE3,
} as const satisfies Record<HashAlgorithm, wire.Hash_Algorithm>;

const algorithms = new Map<wire.Hash_Algorithm, HashAlgorithm>([
  [Hash_Algorithm.SHA256, 'sha256'],
  [Hash_Algorithm.SHA512, 'sha512'],
  [Hash_Algorithm.SHA1, 'sha1'],
  [Hash_Algorithm.MD5, 'md5'],
  [Hash_Algorithm.BLAKE3, 'blake3'],
]);

const methods = new Map<wire.ContentAddress_Method, ContentAddressMethod>([
  [ContentAddress_Method.TEXT, 'text'],
  [ContentAddress_Method.FLAT, 'flat'],
  [ContentAddress_Method.NIX_ARCHIVE, 'nar'],
]);

export type MethodAndAlgorithm = {
  readonly method: ContentAddressMethod;
  readonly algorithm: HashAlgorithm;
};

export function toHashMessage({ algorithm, digest }: Hash): wire.Hash {
  return create(HashSchema, { algorithm: algorithmNumbers[algorithm], digest });
}

export function fromHashMessage(field: string, message: wire.Hash | undefined): Hash {
  const { algorithm, digest } = required(field, message);
  // A copy: the message is a view of everything that arrived with it.
  const copy = Uint8Array.from(digest);
  return readField(field, () => makeHash(readAlgorithm(field, algorithm), copy));
}

/** Throws `CallError('invalid-argument')` for Git trees, which the protocol has no number for. */
export function toContentAddressMessage({ method, hash }: ContentAddress): wire.ContentAddress {
  return create(ContentAddressSchema, { method: methodNumber(method), hash: toHashMessage(hash) });
}

export function fromContentAddressMessage(
  field: string,
  message: wire.ContentAddress,
): ContentAddress {
  const method = readMethod(field, message.method);
  const hash = fromHashMessage(field, message.hash);
  if (method === 'text') refuseUnlessSha256(field, hash.algorithm);
  return { method, hash };
}

/** Throws as `toContentAddressMessage`. */
export function toMethodAlgorithmMessage(
  address: MethodAndAlgorithm,
): wire.ContentAddressMethodAlgorithm {
  return create(ContentAddressMethodAlgorithmSchema, {
    method: methodNumber(address.method),
    algorithm: algorithmNumbers[address.algorithm],
  });
}

/** Texts are hashed with SHA-256, whatever the message says. */
export function fromMethodAlgorithmMessage(
  field: string,
  message: wire.ContentAddressMethodAlgorithm,
): MethodAndAlgorithm {
  const method = readMethod(field, message.method);
  if (method === 'text') return { method, algorithm: 'sha256' };
  return { method, algorithm: readAlgorithm(field, message.algorithm) };
}

function methodNumber(method: ContentAddressMethod): wire.ContentAddress_Method {
  if (method === 'text') return ContentAddress_Method.TEXT;
  if (method === 'flat') return ContentAddress_Method.FLAT;
  if (method === 'nar') return ContentAddress_Method.NIX_ARCHIVE;
  throw new CallError('invalid-argument', 'contents addressed as a Git tree cannot be transmitted');
}

function readMethod(field: string, number: wire.ContentAddress_Method): ContentAddressMethod {
  return required(`method of ${field}`, methods.get(number));
}

function readAlgorithm(field: string, number: wire.Hash_Algorithm): HashAlgorithm {
  return required(`algorithm of ${field}`, algorithms.get(number));
}

function refuseUnlessSha256(field: string, algorithm: HashAlgorithm): void {
  if (algorithm === 'sha256') return;
  throw new CallError('invalid-argument', `bad ${field}: sha256 is wanted, not ${algorithm}`);
}
