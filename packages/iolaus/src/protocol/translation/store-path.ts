import { create } from '@bufbuild/protobuf';
import { derivationPath, parseBaseName } from '@iolaus/nix';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import type * as wire from '../generated/nix/store/v1/store_pb.ts';
import { StorePathSchema, StorePathsSchema } from '../generated/nix/store/v1/store_pb.ts';
import { readField, required } from './field.ts';

export function toStorePathMessage(path: StorePath): wire.StorePath {
  return create(StorePathSchema, { path });
}

/** Throws `CallError('invalid-argument')`, as all that read messages here do. */
export function fromStorePathMessage(
  field: string,
  message: wire.StorePath | undefined,
): StorePath {
  const { path } = required(field, message);
  return readField(field, () => parseBaseName(path));
}

export function fromDerivationPathMessage(
  field: string,
  message: wire.StorePath | undefined,
): DerivationPath {
  const { path } = required(field, message);
  return readField(field, () => derivationPath(path));
}

export function toStorePathsMessage(paths: readonly StorePath[]): wire.StorePaths {
  return create(StorePathsSchema, { paths: paths.map(toStorePathMessage) });
}

export function fromStorePathMessages(
  field: string,
  messages: readonly wire.StorePath[],
): readonly StorePath[] {
  return messages.map((message) => fromStorePathMessage(field, message));
}
