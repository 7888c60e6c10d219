import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../fault/fault.ts';

// The kernel takes 107 bytes for the path of a Unix socket. This leaves 43 for a name, also to builds that make sockets
// in the temporary folder that they are given.
const longestFolderInBytes = 64;
const hashDigits = 12;

/**
 * A folder only for this user whose path is short enough for sockets: `wanted` itself, or where that is too long one
 * below the temporary folder, the same for the same `wanted` every time.
 * @throws Fault `not-permitted` if somebody else has taken that place
 */
export function makeShortFolder(wanted: string): string {
  const folder = isShort(wanted) ? wanted : substitute(wanted);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (folder !== wanted) checkOwner(folder);
  return folder;
}

function substitute(wanted: string): string {
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, hashDigits);
  const name = `iolaus-${hash}`;
  const own = join(tmpdir(), name);
  return isShort(own) ? own : join('/tmp', name);
}

/** Anybody may make folders in `/tmp`: one of another user could be a trap. */
function checkOwner(folder: string): void {
  const found = lstatSync(folder);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return;
  throw new Fault('not-permitted', `${folder} is not a folder of this user alone`, {
    remedy: 'Remove it, or set TMPDIR to a folder with a short path.',
  });
}

const isShort = (folder: string): boolean => Buffer.byteLength(folder) <= longestFolderInBytes;
