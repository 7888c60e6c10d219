import { readFile } from 'node:fs/promises';
import { NixFormatError, parseAnyStorePath, parsePublicKeys } from '@iolaus/nix';
import type { PublicKey, StorePath } from '@iolaus/nix';
import { parseCacheAddress } from '../../cache/address/parse-address.ts';
import { assertCache, openBinaryCache } from '../../cache/binary-cache.ts';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import { Fault } from '../../fault/fault.ts';

/** The one cache that a command is about. @throws Fault `bad-usage`, or if there is no cache */
export async function openOneCache(
  command: string,
  positionals: readonly string[],
): Promise<BinaryCache> {
  const [address, ...more] = positionals;
  if (address !== undefined && more.length === 0) return openExisting(address);
  throw new Fault('bad-usage', `iolaus cache ${command} takes the address of one cache`, {
    remedy: 'For example s3://bucket?region=eu-west-1, or /srv/cache.',
  });
}

/** Nothing is found wrong, or worth keeping, in a place that was mistyped: it has to be a cache. @throws Fault */
export async function openExisting(address: string): Promise<BinaryCache> {
  using opening = new DisposableStack();
  const cache = opening.use(openBinaryCache(parseCacheAddress(address)));
  await assertCache(cache);
  opening.move();
  return cache;
}

/** Keys from the command line and from files, which hold as many as they like. @throws Fault `bad-usage` */
export async function readPublicKeys(text: string, files: readonly string[]): Promise<PublicKey[]> {
  const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return [text, ...contents].flatMap((keys) => readArgument(() => parsePublicKeys(keys)));
}

/** Paths from the command line, with the store's directory or without. @throws Fault `bad-usage` */
export const readPaths = (
  { settings }: Pick<BinaryCache, 'settings'>,
  texts: readonly string[],
): StorePath[] =>
  texts.map((text) => readArgument(() => parseAnyStorePath(settings.storeDirectory, text)));

function readArgument<Read>(read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (error instanceof NixFormatError) throw new Fault('bad-usage', error.message);
    throw error;
  }
}
