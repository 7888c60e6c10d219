import { readSecretFile, readTokenFile } from '../../configuration/secret.ts';

/**
 * The tokens that somebody may show, one a file. Null where none are configured. A file that cannot be read, or is empty,
 * stops the program: nothing falls open. `key` of the configuration names the files.
 */
export function readTokens(
  key: 'tokenPaths' | 'emergencyTokenPaths',
  files: readonly string[] | undefined,
): readonly string[] | null {
  const remedy = `Put the token into the file, or take the file out of ${key}.`;
  return files?.map((file) => readTokenFile(file, remedy)) ?? null;
}

/** The key that join tokens are signed with; null: there are none. As strict as `readTokens`. */
export function readJoinKey(file: string | undefined): string | null {
  if (file === undefined) return null;
  const remedy =
    'Put the key into the file that joinKeyPath names, the same as for the provisioner.';
  return readSecretFile(file, 'the key of join tokens', remedy);
}
