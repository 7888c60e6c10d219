import { create } from '@bufbuild/protobuf';
import type { Hash, PathInfo, StoreDirectory } from '@iolaus/nix';
import { CallError } from '../call-error.ts';
import type * as wire from '../generated/nix/store/v1/store_pb.ts';
import {
  SignatureSchema,
  UnkeyedValidPathInfoSchema,
  ValidPathInfoSchema,
} from '../generated/nix/store/v1/store_pb.ts';
import {
  fromContentAddressMessage,
  fromHashMessage,
  toContentAddressMessage,
  toHashMessage,
} from './content-address.ts';
import { required, toNumber } from './field.ts';
import { fromStorePathMessage, fromStorePathMessages, toStorePathMessage } from './store-path.ts';

export function toPathInfoMessage(directory: StoreDirectory, info: PathInfo): wire.ValidPathInfo {
  return create(ValidPathInfoSchema, {
    path: toStorePathMessage(info.path),
    info: create(UnkeyedValidPathInfoSchema, {
      ...(info.deriver === null ? {} : { deriver: toStorePathMessage(info.deriver) }),
      narHash: toHashMessage(info.narHash),
      references: info.references.map(toStorePathMessage),
      ...(info.registrationTime === 0 ? {} : { registrationTime: BigInt(info.registrationTime) }),
      narSize: BigInt(info.narSize),
      ultimate: info.ultimate,
      signatures: info.signatures.map(toSignatureMessage),
      ...(info.contentAddress === null ? {} : { ca: toContentAddressMessage(info.contentAddress) }),
      storeDir: directory,
    }),
  });
}

/** Throws `CallError('invalid-argument')`, also for a path of a store that lies elsewhere. */
export function fromPathInfoMessage(
  directory: StoreDirectory,
  message: wire.ValidPathInfo,
): PathInfo {
  const path = fromStorePathMessage('path', message.path);
  const info = required(`info of ${path}`, message.info);
  refuseOtherStore(directory, path, info.storeDir);
  const { deriver, ca } = info;
  return {
    path,
    deriver: deriver === undefined ? null : fromStorePathMessage(`deriver of ${path}`, deriver),
    narHash: fromNarHashMessage(`nar_hash of ${path}`, info.narHash),
    narSize: toNumber(`nar_size of ${path}`, info.narSize),
    references: fromStorePathMessages(`references of ${path}`, info.references),
    registrationTime: toNumber(`registration_time of ${path}`, info.registrationTime ?? 0n),
    ultimate: info.ultimate,
    signatures: info.signatures.map(({ keyName, sig }) => `${keyName}:${sig}`),
    contentAddress: ca === undefined ? null : fromContentAddressMessage(`ca of ${path}`, ca),
  };
}

/** Nix hashes archives with SHA-256 only. */
export function fromNarHashMessage(field: string, message: wire.Hash | undefined): Hash {
  const hash = fromHashMessage(field, message);
  if (hash.algorithm === 'sha256') return hash;
  throw new CallError('invalid-argument', `bad ${field}: sha256 is wanted, not ${hash.algorithm}`);
}

function toSignatureMessage(signature: string): wire.Signature {
  const colon = signature.indexOf(':');
  return create(SignatureSchema, {
    keyName: signature.slice(0, colon),
    sig: signature.slice(colon + 1),
  });
}

/** Runners that do not say where their store lies are believed to have the same place. */
function refuseOtherStore(directory: StoreDirectory, path: string, storeDir: string): void {
  if (storeDir === '' || storeDir === directory) return;
  throw new CallError('invalid-argument', `${path} is of the store ${storeDir}, not ${directory}`);
}
