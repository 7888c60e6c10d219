import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// What the kernel counts in; it is 4 KiB wherever Hydra runs.
const pageBytes = 4_096;

/** This process and its control group, as far as the system tells; null where there is no `/proc`. */
export function describeProcess(): Record<string, unknown> | null {
  const memory = readText('/proc/self/statm');
  if (memory === null) return null;
  const [virtual = 0, resident = 0, shared = 0] = memory.split(' ').map(Number);
  return {
    pid: process.pid,
    vsizeBytes: virtual * pageBytes,
    rssBytes: resident * pageBytes,
    sharedBytes: shared * pageBytes,
    cgroup: describeControlGroup(),
  };
}

/** 0 where there is no `/proc`. */
export function countThreads(): number {
  return Number(/^Threads:\s*(\d+)$/m.exec(readText('/proc/self/status') ?? '')?.[1] ?? 0);
}

/** The second version's files; null where a figure is missing, as in the root group. */
function describeControlGroup(): Record<string, unknown> | null {
  const path = /^0::(.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1];
  if (path === undefined) return null;
  const file = (name: string): string | null => readText(join('/sys/fs/cgroup', path, name));
  const current = file('memory.current');
  const cpu = file('cpu.stat');
  if (current === null || cpu === null) return null;
  const io = file('io.stat') ?? '';
  return {
    memory: {
      currentBytes: Number(current),
      peakBytes: Number(file('memory.peak') ?? 0),
      swapCurrentBytes: Number(file('memory.swap.current') ?? 0),
      zswapCurrentBytes: Number(file('memory.zswap.current') ?? 0),
    },
    io: { totalReadBytes: sumOf(io, 'rbytes'), totalWriteBytes: sumOf(io, 'wbytes') },
    cpu: {
      usageUsec: figureOf(cpu, 'usage_usec'),
      userUsec: figureOf(cpu, 'user_usec'),
      systemUsec: figureOf(cpu, 'system_usec'),
    },
  };
}

const figureOf = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);

/** One line a device: `8:0 rbytes=… wbytes=… …`. */
const sumOf = (text: string, name: string): number =>
  text
    .matchAll(new RegExp(`\\b${name}=(\\d+)`, 'g'))
    .reduce((sum, [, figure]) => sum + Number(figure), 0);

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
