import { readFile, readdir } from 'node:fs/promises';

/** A process for as long as the machine runs: its id alone is given to another when it has ended. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/** Null: it does not run. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const fields = await statFields(pid);
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const ticks = fields?.[startTimeField];
  return ticks === undefined ? null : { pid, startedAt: `${boot.trim()} ${ticks}` };
}

export async function isSameProcess(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.startedAt === identity.startedAt;
}

/** All processes that this one and its children have started and that still have their parent, without itself. */
export async function descendants(pid: number): Promise<ProcessIdentity[]> {
  const children = await childrenOfAll();
  const found = [...(children.get(pid) ?? [])];
  // Grows while it is walked.
  for (const child of found) found.push(...(children.get(child) ?? []));
  const identities = await Promise.all(found.map((child) => identifyProcess(child)));
  return identities.filter((identity) => identity !== null);
}

async function childrenOfAll(): Promise<Map<number, number[]>> {
  const children = new Map<number, number[]>();
  for (const entry of await readdir('/proc')) {
    const fields = /^\d+$/.test(entry) ? await statFields(Number(entry)) : null;
    if (fields === null) continue;
    const parent = Number(fields[parentField]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  return children;
}

/** Sends a signal unless the process has ended. */
export async function signalProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
): Promise<void> {
  if (!(await isSameProcess(identity))) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    // It ended just now.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

// Counted from the field after the command name, which is in parentheses and may hold anything.
const parentField = 1;
const startTimeField = 19;

/** Null also for a zombie, which has ended. */
async function statFields(pid: number): Promise<string[] | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  return text === '' || fields[0] === 'Z' ? null : fields;
}
