import { readFileSync } from 'node:fs';
import { Fault } from '../fault/fault.ts';

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
