import { closeSync, openSync } from 'node:fs';
import { readAhead } from '@iolaus/nix';

/** An archive that is read as it is wanted; its file is closed on disposal. */
export type OpenArchive = Disposable & { readonly chunks: AsyncIterable<Uint8Array> };

const standardInput = 0;

/** Opens an archive file; `-` is standard input. */
export function openArchive(file: string): OpenArchive {
  if (file === '-') return { chunks: readAhead(standardInput), [Symbol.dispose]: () => {} };
  const descriptor = openSync(file, 'r');
  return { chunks: readAhead(descriptor), [Symbol.dispose]: () => closeSync(descriptor) };
}
