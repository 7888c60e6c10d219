import { constants, createBrotliCompress, createZstdCompress, zstdCompressSync } from 'node:zlib';
import type { Transform } from 'node:stream';
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
/** From here on a process of its own is worth its start: it leaves ours free, and uses other cores. */
const smallestForProgramInBytes = 8 * 1024 * 1024;
/** Above it zstd makes some 2 MB/s: not in a process that has other things to do. */
const highestLevelInProcess = 9;

export type CompressOptions = CompressionChoice & {
  /** Of what is to be compressed, as far as known. */
  readonly sizeInBytes: number;
  /** Use all cores for one file, where the program can. */
  readonly parallel: boolean;
};

/** Compresses a stream in bounded memory. The bytes differ between runs and versions: only their content is the same. */
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
  br: (source, level) => throughCodec(source, createBrotliCompress(brotliOptions(level))),
  xz: (source, level, { parallel }) =>
    throughProgram('xz', filterParameters(level, parallel ? ['-T0'] : []), source),
  bzip2: (source, level) => throughProgram('bzip2', filterParameters(level), source),
};

function compressZstd(
  source: Chunks,
  level: number | null,
  { sizeInBytes, parallel }: CompressOptions,
): AsyncIterable<Uint8Array> {
  if (sizeInBytes <= largestAtOnceInBytes) return compressAtOnce(source, level);
  const isLong = sizeInBytes >= smallestForProgramInBytes;
  const wantsProgram = isLong || parallel || (level ?? 0) > highestLevelInProcess;
  if (wantsProgram && hasProgram('zstd')) {
    const ultra = (level ?? 0) > 19 ? ['--ultra'] : [];
    return throughProgram('zstd', filterParameters(level, ['-T0', '-q', ...ultra]), source);
  }
  return throughCodec(source, createZstdCompress(zstdOptions(level)));
}

async function* compressAtOnce(source: Chunks, level: number | null): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  const chunkSize = Math.max(whole.length, smallestChunkBytes);
  yield zstdCompressSync(whole, { ...zstdOptions(level), chunkSize });
}

const throughCodec = (source: Chunks, codec: Transform): AsyncIterable<Uint8Array> =>
  through(source, codec, codec);

async function* passOn(source: Chunks): AsyncGenerator<Uint8Array> {
  yield* source;
}

const filterParameters = (level: number | null, more: readonly string[] = []): string[] => [
  '-c',
  ...(level === null ? [] : [`-${level}`]),
  ...more,
];

const zstdOptions = (level: number | null) => ({
  chunkSize: chunkBytes,
  params: level === null ? {} : { [constants.ZSTD_c_compressionLevel]: level },
});

const brotliOptions = (level: number | null) => ({
  chunkSize: chunkBytes,
  params: level === null ? {} : { [constants.BROTLI_PARAM_QUALITY]: level },
});
