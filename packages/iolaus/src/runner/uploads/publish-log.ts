import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { derivationPath } from '@iolaus/nix';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import { compress } from '../../cache/compression/compress.ts';
import { decompress } from '../../cache/compression/decompress.ts';
import { logFilePath } from '../logs/log-files.ts';

/** A log is at most as long as a build's may be; this only sizes the parts of an upload. */
const longestLogBytes = 2 ** 32;
/** Most are shorter by far: none is worth a process of its own. */
const usualLogBytes = 2 ** 20;

/**
 * The latest log of a derivation, under `log/`.
 * @returns false where there is none, as for what was never built here
 */
export async function publishLog(
  cache: BinaryCache,
  logDirectory: string,
  derivation: string,
): Promise<boolean> {
  const log = await openLog(logFilePath(logDirectory, derivationPath(derivation)));
  if (log !== null) await putLog(cache, derivation, log);
  return log !== null;
}

/** Has a cache hold a log that another one has; the one that it has itself stays. */
export async function copyLog(
  from: BinaryCache,
  to: BinaryCache,
  derivation: string,
): Promise<void> {
  const found = await from.objects.get(keyOf(derivation));
  if (found === null) return;
  const log = decompress(found.body, found.contentEncoding ?? 'none');
  await putLog(to, derivation, log, { ifAbsent: true });
}

async function putLog(
  { objects, settings }: BinaryCache,
  derivation: string,
  log: AsyncIterable<Uint8Array>,
  options: { readonly ifAbsent?: boolean } = {},
): Promise<void> {
  const { compression } = settings.log;
  const packing = { ...settings.log, sizeInBytes: usualLogBytes, parallel: false };
  await objects.putStream(keyOf(derivation), compress(log, packing), {
    ...options,
    contentType: 'text/plain; charset=utf-8',
    ...(compression === 'none' ? {} : { contentEncoding: compression }),
    sizeInBytesMax: longestLogBytes,
  });
}

const keyOf = (derivation: string): string => `log/${derivation}`;

/** Compressed when it is finished; for a moment it is there in both forms. */
async function openLog(path: string): Promise<AsyncIterable<Uint8Array> | null> {
  if (await isThere(`${path}.zst`)) return decompress(createReadStream(`${path}.zst`), 'zstd');
  return (await isThere(path)) ? createReadStream(path) : null;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
