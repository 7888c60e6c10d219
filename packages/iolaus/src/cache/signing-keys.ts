import { join } from 'node:path';
import { NixFormatError, parseSecretKey } from '@iolaus/nix';
import type { SecretKey } from '@iolaus/nix';
import { readSecretFile } from '../configuration/secret.ts';
import { Fault } from '../fault/fault.ts';

/**
 * Reads the keys that sign what is published. A name without a slash is a credential that systemd hands over. White space
 * around a key is ignored; one that cannot be read stops the program: a cache that is signed by fewer keys than it
 * should be is noticed far too late.
 */
export function readSigningKeys(
  files: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): SecretKey[] {
  return files.map((file) => readSigningKey(locate(file, environment)));
}

function locate(file: string, environment: NodeJS.ProcessEnv): string {
  if (file.includes('/')) return file;
  const folder = environment['CREDENTIALS_DIRECTORY'];
  if (folder !== undefined) return join(folder, file);
  throw new Fault('bad-configuration', `there is no credential '${file}' to sign with`, {
    remedy: 'Give the whole path of the key, or LoadCredential= in the unit.',
  });
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
