import { readFile } from 'node:fs/promises';
import { parsePublicKeys } from '@iolaus/nix';
import type { PublicKey } from '@iolaus/nix';
import { parseCacheAddress } from '../../cache/address/parse-address.ts';
import { openBinaryCache } from '../../cache/binary-cache.ts';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import { Fault } from '../../fault/fault.ts';

/** The one cache that a command is about. @throws Fault `bad-usage` */
export function openOneCache(command: string, positionals: readonly string[]): BinaryCache {
  const [address, ...more] = positionals;
  if (address !== undefined && more.length === 0)
    return openBinaryCache(parseCacheAddress(address));
  throw new Fault('bad-usage', `iolaus cache ${command} takes the address of one cache`, {
    remedy: 'For example s3://bucket?region=eu-west-1, or /srv/cache.',
  });
}

/** Keys from the command line and from files, which hold as many as they like. */
export async function readPublicKeys(text: string, files: readonly string[]): Promise<PublicKey[]> {
  const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return [text, ...contents].flatMap((keys) => parsePublicKeys(keys));
}
