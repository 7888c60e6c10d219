import { readlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { NixFormatError, parseStorePath } from '@iolaus/nix';
import type { StoreDirectory, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';

/** The kernel gives up after as many. */
const mostLinks = 40;

/**
 * The store path that an argument means: itself, the one that it lies in, or the one that a link such as `result`
 * leads to.
 */
export async function storeArgument(directory: StoreDirectory, text: string): Promise<StorePath> {
  let path = resolve(text);
  for (let links = 0; links < mostLinks && !path.startsWith(`${directory}/`); links += 1) {
    const target = await readlink(path).catch(() => null);
    if (target === null) break;
    path = resolve(dirname(path), target);
  }
  const end = path.indexOf('/', directory.length + 1);
  try {
    return parseStorePath(directory, end === -1 ? path : path.slice(0, end));
  } catch (error) {
    if (!(error instanceof NixFormatError)) throw error;
    throw new Fault('bad-usage', error.message, {
      cause: error,
      remedy: `Give a path in ${directory}, or a link to one. Another store is named by NIX_STORE_DIR or NIX_REMOTE.`,
    });
  }
}
