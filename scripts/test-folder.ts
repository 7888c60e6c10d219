import { readFileSync, statfsSync } from 'node:fs';

const inMemory = '/dev/shm';
// Several times what the tests hold at once: stores, clusters of PostgreSQL, logs.
const roomBytesMin = 4 * 1024 ** 3;

/**
 * Where tests write what they throw away: in memory, where the machine has room for it there and lets programs run. They make
 * some hundred thousand small files (a database alone has 400), which takes longer on a disk than all else that they do.
 */
export function testFolder(): string | undefined {
  if (process.env['TMPDIR'] !== undefined || !mayRunPrograms(inMemory)) return undefined;
  const { bavail, bsize } = statfsSync(inMemory);
  const roomBytes = Math.min(bavail * bsize, process.availableMemory());
  return roomBytes >= roomBytesMin ? inMemory : undefined;
}

function mayRunPrograms(folder: string): boolean {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const mount = mounts.map((line) => line.split(' ')).find(([, place]) => place === folder);
  const [, , type, options = ''] = mount ?? [];
  return type === 'tmpfs' && !options.split(',').includes('noexec');
}
