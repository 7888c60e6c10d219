import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** What a process and all below it have used. */
export type ProcessUse = {
  /** Seconds of user and system time, ended children included. */
  readonly cpuSeconds: number;
  /** Proportional share: memory that several processes map counts once. */
  readonly memoryMb: number;
};

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Linux only: reads `/proc`. */
export function measureTree(root: number): ProcessUse {
  const children = childrenByParent();
  let cpuSeconds = 0;
  let memoryMb = 0;
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    cpuSeconds += readCpuSeconds(pid);
    memoryMb += readMemoryMb(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return { cpuSeconds, memoryMb };
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number(readStat(Number(entry))[1]);
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [Number(entry)]);
    else known.push(Number(entry));
  }
  return children;
}

/** The fields of `/proc/PID/stat` from the state on; empty when the process is gone. */
function readStat(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function readCpuSeconds(pid: number): number {
  const [utime = 0, stime = 0, childUtime = 0, childStime = 0] = readStat(pid)
    .slice(11, 15)
    .map(Number);
  return (utime + stime + childUtime + childStime) / ticksPerSecond;
}

function readMemoryMb(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
