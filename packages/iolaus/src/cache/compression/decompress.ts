import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import { Fault } from '../../fault/fault.ts';
import { isLeftToProgram } from './compression.ts';
import { hasProgram, throughProgram } from './filter-program.ts';
import { through } from './through.ts';
import type { Chunks } from './through.ts';

/** Undoes a compression of a narinfo, or a Content-Encoding. @throws Fault `bad-format` for one that is not known */
export function decompress(source: Chunks, compression: string): AsyncIterable<Uint8Array> {
  switch (compression) {
    case '':
    case 'none':
    case 'identity':
      return passOn(source);
    case 'zstd':
      return throughCodec(source, createZstdDecompress());
    case 'br':
      return throughCodec(source, createBrotliDecompress());
    case 'gzip':
      return throughCodec(source, createGunzip());
    case 'xz':
    case 'bzip2':
      return throughProgram(compression, ['-d', '-c'], source);
    default:
      throw new Fault('bad-format', `nothing here can undo the compression '${compression}'`);
  }
}

/** Whether this machine can: some it leaves to programs, which may be missing. */
export const canDecompress = (compression: string): boolean =>
  !isLeftToProgram(compression) || hasProgram(compression);

const throughCodec = (source: Chunks, codec: Transform): AsyncIterable<Uint8Array> =>
  through(source, codec, codec);

async function* passOn(source: Chunks): AsyncGenerator<Uint8Array> {
  yield* source;
}
