import { readdir, readFile } from 'node:fs/promises';
import { atMost } from '../../cache/at-most.ts';

/** A process as the kernel tells of it, in its own units. */
export type ProcessState = {
  readonly pid: number;
  readonly parent: number;
  /** With `pid` its name for ever: numbers are used again. */
  readonly startedTicks: number;
  /** Its own, and those of its children that have ended. */
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly residentPages: number;
};

// A machine may have more processes than one of them may have open files.
const oneOfFew = atMost(32);

/** All processes that there are; none where the kernel does not tell. */
export async function readProcesses(): Promise<Map<number, ProcessState>> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(readProcess));
  return new Map(found.flatMap((process) => (process === null ? [] : [[process.pid, process]])));
}

/** The variables that it was started with, `NAME=VALUE` each; empty where we may not look, or it has ended. */
export async function readEnvironment(pid: number): Promise<string[]> {
  const text = await readProperty(pid, 'environ').catch(() => '');
  return text.split('\0');
}

async function readProcess(pid: number): Promise<ProcessState | null> {
  const text = await readProperty(pid, 'stat').catch(() => null);
  return text === null ? null : parseProcess(pid, text);
}

const readProperty = (pid: number, name: 'stat' | 'environ'): Promise<string> =>
  oneOfFew(() => readFile(`/proc/${pid}/${name}`, 'latin1'));

/** The fields of `stat` are counted from 1 in proc(5); after the name, which may hold anything, comes the third. */
export function parseProcess(pid: number, text: string): ProcessState {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid,
    parent: field(4),
    startedTicks: field(22),
    userTicks: field(14) + field(16),
    systemTicks: field(15) + field(17),
    residentPages: field(24),
  };
}
