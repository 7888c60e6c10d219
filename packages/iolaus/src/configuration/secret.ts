import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../fault/fault.ts';

/** Where a secret is: a name without a slash is a credential that systemd hands over. Throws `Fault` `bad-configuration`. */
export function locateSecret(file: string, environment: NodeJS.ProcessEnv): string {
  if (file.includes('/')) return file;
  const folder = environment['CREDENTIALS_DIRECTORY'];
  if (folder !== undefined) return join(folder, file);
  throw new Fault('bad-configuration', `there is no credential '${file}'`, {
    remedy: 'Give the whole path of the file, or LoadCredential= in the unit.',
  });
}

/**
 * A file that keeps others out: a token, a key, a certificate. One that cannot be read, or is empty, stops the program
 * with `Fault` `bad-configuration`: nothing falls open. `remedy` says where it is named.
 */
export function readSecretFile(file: string, what: string, remedy: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Fault('bad-configuration', `${what} ${file} cannot be read`, { remedy, cause });
  }
  if (text === '') throw new Fault('bad-configuration', `${what} ${file} is empty`, { remedy });
  return text;
}

/** A file that holds one token, which goes over the wire in a header. As strict as `readSecretFile`. */
export function readTokenFile(file: string, remedy: string): string {
  const token = readSecretFile(file, 'the token file', remedy);
  if (/^[ -~]+$/.test(token)) return token;
  throw new Fault('bad-configuration', `what is in the token file ${file} is no token`, {
    remedy: `A token is one line of ASCII. ${remedy}`,
  });
}
