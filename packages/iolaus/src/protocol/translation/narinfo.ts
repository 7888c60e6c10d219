import { create } from '@bufbuild/protobuf';
import type { Narinfo, StoreDirectory } from '@iolaus/nix';
import type * as wire from '../generated/nix/store/v1/store_pb.ts';
import { NarInfoSchema, ValidPathInfoSchema } from '../generated/nix/store/v1/store_pb.ts';
import { fromHashMessage, toHashMessage } from './content-address.ts';
import { required, toNumber } from './field.ts';
import { fromPathInfoMessage, toPathInfoMessage } from './path-info.ts';

export function toNarinfoMessage(directory: StoreDirectory, narinfo: Narinfo): wire.NarInfo {
  const { path, info } = toPathInfoMessage(directory, {
    ...narinfo,
    registrationTime: 0,
    ultimate: false,
  });
  const { url, compression, fileHash, fileSize } = narinfo;
  return create(NarInfoSchema, {
    ...(path === undefined ? {} : { path }),
    info: {
      ...(info === undefined ? {} : { info }),
      url,
      compression,
      ...(fileHash === null ? {} : { downloadHash: toHashMessage(fileHash) }),
      ...(fileSize === null ? {} : { downloadSize: BigInt(fileSize) }),
    },
  });
}

/** Throws `CallError('invalid-argument')`. */
export function fromNarinfoMessage(directory: StoreDirectory, message: wire.NarInfo): Narinfo {
  const { path, info: unkeyed } = message;
  const { info, url, compression, downloadHash, downloadSize } = required('nar_info.info', unkeyed);
  const keyed = create(ValidPathInfoSchema, {
    ...(path === undefined ? {} : { path }),
    ...(info === undefined ? {} : { info }),
  });
  const { registrationTime: _, ultimate: __, ...facts } = fromPathInfoMessage(directory, keyed);
  return {
    ...facts,
    url,
    compression,
    fileHash: downloadHash === undefined ? null : fromHashMessage('download_hash', downloadHash),
    fileSize: downloadSize === undefined ? null : toNumber('download_size', downloadSize),
  };
}
