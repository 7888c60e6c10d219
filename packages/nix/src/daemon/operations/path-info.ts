import { parseHash, printHash } from '../../hash/hash.ts';
import type { Hash } from '../../hash/hash.ts';
import type { PathInfo } from '../../path-info/path-info.ts';
import { parseContentAddress, printContentAddress } from '../../store-path/content-address.ts';
import type { ContentAddress } from '../../store-path/content-address.ts';
import { list, optional, record } from '../wire/composite.ts';
import { boolean, int, optionalPath, path, text, textOf } from '../wire/layout.ts';
import type { Layout } from '../wire/layout.ts';
import { operation } from './operation.ts';

/** What a store knows of a path that is named elsewhere. */
export type UnkeyedPathInfo = Omit<PathInfo, 'path'>;

/** In base 16, without the algorithm. */
export const narHash: Layout<Hash> = textOf(
  (hash) => printHash(hash, 'base16'),
  (digits) => parseHash(digits, 'sha256'),
);

/** Empty for none. */
export const contentAddress: Layout<ContentAddress | null> = textOf(
  (address) => (address === null ? '' : printContentAddress(address)),
  (words) => (words === '' ? null : parseContentAddress(words)),
);

export const unkeyedPathInfo: Layout<UnkeyedPathInfo> = record({
  deriver: optionalPath,
  narHash,
  references: list(path),
  registrationTime: int,
  narSize: int,
  ultimate: boolean,
  signatures: list(text),
  contentAddress,
});

export const queryPathInfo = operation('QueryPathInfo', 26, {
  request: record({ path }),
  reply: optional(unkeyedPathInfo),
});
