import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Fault } from '../fault/fault.ts';

const holderFile = 'iolaus.pid';

/**
 * Takes a folder for this process alone. The lock is an abstract Unix socket named after the folder's place on disk:
 * only one process can listen there, and the kernel lets go of it when that process ends, however it ends.
 * @throws Fault `data-folder-in-use`, naming the process where it is known
 */
export async function lockFolder(path: string): Promise<AsyncDisposable> {
  const server = createServer((visitor) => visitor.destroy());
  server.listen(`\0iolaus-${identify(await stat(path))}`);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw await inUse(path, cause);
  }
  server.unref();
  const lock = {
    async [Symbol.asyncDispose]() {
      await rm(join(path, holderFile), { force: true });
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
  await using unlessWritten = new AsyncDisposableStack();
  unlessWritten.use(lock);
  await writeFile(join(path, holderFile), `${process.pid}\n`);
  unlessWritten.move();
  return lock;
}

/** The same for every path that leads to the folder. */
function identify(folder: Stats): string {
  return createHash('sha256').update(`${folder.dev}:${folder.ino}`).digest('hex').slice(0, 32);
}

async function inUse(path: string, cause: unknown): Promise<Fault> {
  const holder = await readFile(join(path, holderFile), 'utf8').catch(() => '');
  const who = holder.trim() === '' ? '' : ` (process ${holder.trim()})`;
  return new Fault('data-folder-in-use', `${path} is in use by another iolaus${who}`, {
    remedy: 'Stop that one, or give this one a folder of its own with --state-dir.',
    cause,
  });
}
