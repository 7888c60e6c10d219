import { NixFormatError } from '../format-error.ts';
import { printHash } from '../hash/hash.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';

/**
 * What a signature of a path covers: its name, contents and references; neither its content address nor
 * its deriver, and nothing of how it is compressed.
 * @throws NixFormatError unless the archive's hash is SHA-256
 */
export function fingerprint(
  directory: StoreDirectory,
  {
    path,
    narHash,
    narSize,
    references,
  }: Pick<PathInfo, 'path' | 'narHash' | 'narSize' | 'references'>,
): string {
  if (narHash.algorithm !== 'sha256')
    throw new NixFormatError(
      `${path} cannot be signed: its archive's hash is ${narHash.algorithm}`,
    );
  const full = [...new Set(references)]
    .sort()
    .map((reference) => printStorePath(directory, reference));
  return [
    '1',
    printStorePath(directory, path),
    `sha256:${printHash(narHash, 'nix32')}`,
    narSize,
    full.join(','),
  ].join(';');
}
