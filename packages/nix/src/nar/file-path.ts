import { assumeBytes, toBytes, toUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';

/** Names of files are bytes; the system's calls take them as strings of UTF-8, or as they are. */
export type FilePath = string | Buffer;

const beyondAscii = /[^\0-\x7f]/;

/** What to hand to the system's calls. Strings are faster, and the same where all is ASCII. */
export function systemPath(path: ByteString): FilePath {
  return beyondAscii.test(path) ? toBytes(path) : path;
}

/** The path of an entry. */
export function below(directory: ByteString, name: ByteString): ByteString {
  return assumeBytes(`${directory}/${name}`);
}

/** For messages. */
export function shownPath(path: ByteString): string {
  return toUtf8(path);
}
