import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kill, processesLeft } from './process-list.ts';

/** A folder for one test's farm and what it builds. Its end is a failure if any process of it is left. */
export interface FarmFolder extends AsyncDisposable {
  readonly path: string;
  /** For `--state-dir`; made by who uses it. */
  readonly state: string;
  /** Returns the file's path. */
  write(name: string, text: string): Promise<string>;
}

// What a killed supervisor leaves ends by the kernel's signal at once; PostgreSQL writes its checkpoint first.
const patienceMilliseconds = 10_000;

/** Directly below the folder for such: the paths of sockets may not be long. */
export async function openFarmFolder(): Promise<FarmFolder> {
  const path = await mkdtemp(join(tmpdir(), 'farm-'));
  // PostgreSQL runs under another account where we are root.
  await chmod(path, 0o755);
  return {
    path,
    state: join(path, 's'),
    async write(name, text) {
      const file = join(path, name);
      await writeFile(file, text);
      return file;
    },
    async [Symbol.asyncDispose]() {
      const left = await processesLeft(path, patienceMilliseconds);
      for (const { pid } of left) kill(pid, 'SIGKILL');
      await processesLeft(path, patienceMilliseconds);
      await removeStore(path);
      assert.deepEqual(left, []);
    },
  };
}

/** Store objects are read-only, folders included. */
export async function removeStore(path: string): Promise<void> {
  await promisify(execFile)('chmod', ['-R', 'u+w', path]);
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
