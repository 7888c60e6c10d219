import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the kernel takes for the path of a Unix socket, its final zero not counted. */
const socketPathBytesMax = 107;

/**
 * The path of a socket in the folder `run` of a data folder. Where that is too long for the kernel, a path in the folder
 * for temporary files that is the same at every start, and nobody else's to enter.
 */
export function placeSocket(dataFolder: string, name: string): string {
  const here = join(dataFolder, 'run', `${name}.sock`);
  if (Buffer.byteLength(here) <= socketPathBytesMax) {
    mkdirSync(join(dataFolder, 'run'), { recursive: true, mode: 0o711 });
    return here;
  }
  const digest = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `iolaus-${process.getuid?.() ?? 0}-${digest}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return join(folder, `${name}.sock`);
}
