import { readFileSync } from 'node:fs';
import { Fault } from '../fault/fault.ts';

/**
 * The tokens that builders may show, one a file. Null where none are configured: everybody may build. A file that cannot
 * be read, or is empty, stops the program: nothing falls open.
 */
export function readTokens(files: readonly string[] | undefined): readonly string[] | null {
  return files === undefined ? null : files.map(readToken);
}

function readToken(file: string): string {
  const remedy = 'Put the token into the file, or take the file out of tokenPaths.';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault('bad-configuration', `the token file ${file} cannot be read`, {
      remedy,
      cause,
    });
  }
  const token = text.trim();
  if (token === '')
    throw new Fault('bad-configuration', `the token file ${file} is empty`, { remedy });
  return token;
}
