import { NixFormatError, parseSecretKey } from '@iolaus/nix';
import type { SecretKey } from '@iolaus/nix';
import { locateSecret, readSecretFile } from '../configuration/secret.ts';
import { Fault } from '../fault/fault.ts';

/**
 * Reads the keys that sign what is published (`locateSecret` says where they are). White space around a key is ignored;
 * one that cannot be read stops the program: a cache that is signed by fewer keys than it should be is noticed far too late.
 */
export function readSigningKeys(
  files: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): SecretKey[] {
  return files.map((file) => readSigningKey(locateSecret(file, environment)));
}

function readSigningKey(file: string): SecretKey {
  const remedy =
    'It is named by secret-key or secret-keys in the address of a cache, or by --sign-with.';
  const text = readSecretFile(file, 'the secret key', remedy);
  try {
    return parseSecretKey(text);
  } catch (cause) {
    if (!(cause instanceof NixFormatError)) throw cause;
    throw new Fault('bad-configuration', `${file} is no secret key of Nix's`, { remedy, cause });
  }
}
