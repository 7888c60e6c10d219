import { constants, createBrotliCompress, createZstdCompress, zstdCompressSync } from 'node:zlib';
import type { Transform } from 'node:stream';
import { gather, smallBytesMax } from '../objects/gather.ts';
import { clampLevel, compressions, isLeftToProgram } from './compression.ts';
import type { Compression, CompressionChoice } from './compression.ts';
import { hasProgram, throughProgram } from './filter-program.ts';
import { through } from './through.ts';
import type { Chunks } from './through.ts';

/** With the default of 16 KiB zstd takes a quarter longer. */
const chunkBytes = 256 * 1024;
/** A buffer of that size for each of ten thousand small archives takes more than all else. */
const smallestChunkBytes = 1024;
/** At once takes microseconds; a stream for each of ten thousand small archives takes more than all else. */
const largestAtOnceInBytes = 256 * 1024;
/** From here on a process of its own is worth its start: it leaves ours free. */
const smallestForProgramInBytes = 8 * 1024 * 1024;
/**
 * Above it zstd makes some 2 MB/s: not in a process that has other things to do, and with all cores. Up to it two threads
 * bring a lone archive close to what a gigabit line takes (with one it is half of that), in 58 MB on any machine.
 */
const highestQuickLevel = 9;

/** Of zstd at its usual level; and the least that it knows, as a power of two. */
const usualWindowBytes = 2 * 1024 * 1024;
const leastWindowLog = 10;

export type CompressOptions = CompressionChoice & {
  /** Of what is to be compressed, as far as known. */
  readonly sizeInBytes: number;
  /** Use all cores for one file, where the program can. */
  readonly parallel: boolean;
};

/**
 * Compresses a stream in bounded memory. The bytes differ between runs and versions: only their content is the same. Of
 * what is large each piece is good only until the next is asked for.
 */
export function compress(source: Chunks, options: CompressOptions): AsyncIterable<Uint8Array> {
  return compressors[options.compression](source, clampLevel(options), options);
}

/** Those that this machine can do: some are left to programs, which may be missing. */
export const possibleCompressions = (): readonly Compression[] =>
  compressions.filter((each) => !isLeftToProgram(each) || hasProgram(each));

type Compressor = (
  source: Chunks,
  level: number | null,
  options: CompressOptions,
) => AsyncIterable<Uint8Array>;

const compressors: Readonly<Record<Compression, Compressor>> = {
  none: passOn,
  zstd: compressZstd,
  br: (source, level) => throughCodec(source, () => createBrotliCompress(brotliOptions(level))),
  xz: (source, level, options) =>
    compressByProgram('xz', level, options.parallel ? ['-T0'] : [], source, options),
  bzip2: (source, level, options) => compressByProgram('bzip2', level, [], source, options),
};

function compressZstd(
  source: Chunks,
  level: number | null,
  options: CompressOptions,
): AsyncIterable<Uint8Array> {
  const { sizeInBytes, parallel } = options;
  if (sizeInBytes <= largestAtOnceInBytes) return compressAtOnce(source, level, sizeInBytes);
  const isLong = sizeInBytes >= smallestForProgramInBytes;
  const isHigh = (level ?? 0) > highestQuickLevel;
  const wantsProgram = isLong || parallel || isHigh;
  if (wantsProgram && hasProgram('zstd')) {
    const ultra = (level ?? 0) > 19 ? ['--ultra'] : [];
    const threads = parallel || isHigh ? '-T0' : '-T2';
    return compressByProgram('zstd', level, [threads, '-q', ...ultra], source, options);
  }
  return throughCodec(source, () => createZstdCompress(zstdOptions(level, sizeInBytes)));
}

async function* compressAtOnce(
  source: Chunks,
  level: number | null,
  sizeInBytes: number,
): AsyncGenerator<Uint8Array> {
  const whole = await gather(source);
  const chunkSize = Math.max(whole.length, smallestChunkBytes);
  yield zstdCompressSync(whole, { ...zstdOptions(level, sizeInBytes), chunkSize });
}

/** Opened when the first bytes are asked for: many wait in line. */
async function* throughCodec(source: Chunks, open: () => Transform): AsyncGenerator<Uint8Array> {
  const codec = open();
  yield* through(source, codec, codec);
}

async function* passOn(source: Chunks): AsyncGenerator<Uint8Array> {
  yield* source;
}

const compressByProgram = (
  program: string,
  level: number | null,
  more: readonly string[],
  source: Chunks,
  { sizeInBytes }: CompressOptions,
): AsyncIterable<Uint8Array> =>
  throughProgram(program, ['-c', ...(level === null ? [] : [`-${level}`]), ...more], source, {
    reuseBuffer: sizeInBytes > smallBytesMax,
  });

const zstdOptions = (level: number | null, sizeInBytes: number) => ({
  chunkSize: chunkBytes,
  params: {
    ...(level === null ? {} : { [constants.ZSTD_c_compressionLevel]: level }),
    ...(sizeInBytes > usualWindowBytes
      ? {}
      : { [constants.ZSTD_c_windowLog]: windowLog(sizeInBytes) }),
  },
});

/** Memory for what came before is taken at the start: no more than there is to come. */
const windowLog = (sizeInBytes: number): number =>
  Math.max(leastWindowLog, Math.ceil(Math.log2(Math.max(sizeInBytes, 1))));

const brotliOptions = (level: number | null) => ({
  chunkSize: chunkBytes,
  params: level === null ? {} : { [constants.BROTLI_PARAM_QUALITY]: level },
});
