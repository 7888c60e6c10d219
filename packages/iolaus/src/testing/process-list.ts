import { readFile, readdir, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, and its command line with spaces between the words. */
export type ListedProcess = { readonly pid: number; readonly command: string };

const pollMilliseconds = 20;

/**
 * Processes that belong to a folder: it stands in their command line or environment, or is where they work. Zombies have
 * none of these.
 */
export async function processesOf(folder: string): Promise<ListedProcess[]> {
  const ids = (await readdir('/proc')).map(Number).filter((id) => id > 0 && id !== process.pid);
  const found = await Promise.all(ids.map((id) => look(id, folder)));
  return found.filter((listed) => listed !== null);
}

async function look(pid: number, folder: string): Promise<ListedProcess | null> {
  const [command, environment, place] = await Promise.all([
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
  ]);
  if (![command, environment, place].some((text) => text.includes(folder))) return null;
  return { pid, command: command.replaceAll('\0', ' ').trim() };
}

/** Those that are still there after so long. */
export async function processesLeft(
  folder: string,
  patienceMilliseconds: number,
): Promise<ListedProcess[]> {
  const deadline = Date.now() + patienceMilliseconds;
  for (;;) {
    const running = await processesOf(folder);
    if (running.length === 0 || Date.now() > deadline) return running;
    await sleep(pollMilliseconds);
  }
}

/** Nothing happens where it has ended already. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
