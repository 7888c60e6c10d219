import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../bin/iolaus.js', import.meta.url));

// The shell's noclobber makes the file for one process only, however many are started: that one becomes the builder.
const claimAndRun = 'set -C; echo $$ > "$1" || exit 0; shift; exec "$@"';

/** Starts `iolaus` with these parameters, in a session of its own that outlasts ours; at most one for each folder. */
export async function startLocalProcess(
  folder: string,
  parameters: readonly string[],
): Promise<void> {
  const log = openSync(join(folder, 'log'), 'a');
  try {
    const pidFile = join(folder, 'pid');
    const words = ['-c', claimAndRun, 'sh', pidFile, process.execPath, program, ...parameters];
    const child = spawn('sh', words, { detached: true, stdio: ['ignore', log, log] });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve).once('error', reject);
    });
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** The process that was started for the folder; null: none is left. Numbers are used again: it has to name the folder. */
export async function findLocalProcess(folder: string): Promise<number | null> {
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => ''));
  if (!Number.isSafeInteger(pid) || pid <= 1) return null;
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return words.split('\0').some((word) => word.startsWith(folder)) ? pid : null;
}

// The builder gives its builds five seconds to end.
const patienceMilliseconds = 7_000;
const lookMilliseconds = 50;

export async function endLocalProcess(folder: string): Promise<void> {
  const began = performance.now();
  for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; ; signal = 0) {
    const pid = await findLocalProcess(folder);
    if (pid === null) return;
    const isLate = performance.now() - began > patienceMilliseconds;
    try {
      process.kill(pid, isLate ? 'SIGKILL' : signal);
    } catch {
      return;
    }
    await sleep(lookMilliseconds);
  }
}
