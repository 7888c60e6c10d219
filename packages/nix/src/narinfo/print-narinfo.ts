import { printHash } from '../hash/hash.ts';
import type { Hash } from '../hash/hash.ts';
import { printContentAddress } from '../store-path/content-address.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import type { Narinfo } from './narinfo.ts';

/** The bytes of a `.narinfo` file, as all versions of Nix write them: `References` stays when it is empty. */
export function printNarinfo(directory: StoreDirectory, narinfo: Narinfo): Buffer {
  const { fileHash, fileSize, deriver, contentAddress } = narinfo;
  const lines: readonly (readonly [string, string | number | null])[] = [
    ['StorePath', printStorePath(directory, narinfo.path)],
    ['URL', narinfo.url],
    ['Compression', narinfo.compression],
    ['FileHash', fileHash && printTypedHash(fileHash)],
    ['FileSize', fileSize],
    ['NarHash', printTypedHash(narinfo.narHash)],
    ['NarSize', narinfo.narSize],
    ['References', [...new Set(narinfo.references)].sort().join(' ')],
    ['Deriver', deriver],
    ...[...new Set(narinfo.signatures)].sort().map((signature) => ['Sig', signature] as const),
    ['CA', contentAddress && printContentAddress(contentAddress)],
  ];
  const known = lines.filter(([, value]) => value !== null);
  return Buffer.from(known.map(([key, value]) => `${key}: ${value}\n`).join(''));
}

function printTypedHash(hash: Hash): string {
  return `${hash.algorithm}:${printHash(hash, 'nix32')}`;
}
