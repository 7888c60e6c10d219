import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ArchiveFigures = {
  readonly figures: {
    readonly dumpRatio: number;
    readonly dumpRssMb: number;
    readonly restoreRatio: number;
  };
  readonly explanation: string;
};

const files = 20_000;
const directories = 200;
/** A GiB in all; no multiple of a block or a word. */
const fileInBytes = 53_687;
/** The first round warms the caches and is not counted. */
const rounds = 6;

type OwnRun = { readonly seconds: number; readonly rssMb: number };

/**
 * Dump, hash and restore of a GiB in 20,000 files, in turns with Nix's own commands, in memory where the machine has a
 * file system for that: a disk's own pace would hide the difference. The best of five rounds counts for each, since
 * whatever else happens on a machine only slows.
 */
export async function measureArchives(): Promise<ArchiveFigures> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'iolaus-bench-'));
  try {
    return compare(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(folder: string): ArchiveFigures {
  const tree = join(folder, 'tree');
  const archive = join(folder, 'tree.nar');
  makeTree(tree);
  const measured = Array.from({ length: rounds }, () => ({
    ourDump: run(folder, 'dump', [tree]),
    nixDump: seconds(() => shell('nix-store --dump "$1" | sha256sum', tree)),
  }));
  shell('nix-store --dump "$1" > "$2"', tree, archive);
  rmSync(tree, { recursive: true });
  const restored = Array.from({ length: rounds }, () => ({
    ourRestore: intoNothing(tree, () => run(folder, 'restore', [archive, tree]).seconds),
    nixRestore: intoNothing(tree, () =>
      seconds(() => shell('nix-store --restore "$2" < "$1"', archive, tree)),
    ),
  }));
  const dump = measured.slice(1);
  const restore = restored.slice(1);
  const ourDump = Math.min(...dump.map((round) => round.ourDump.seconds));
  const nixDump = Math.min(...dump.map((round) => round.nixDump));
  const ourRestore = Math.min(...restore.map((round) => round.ourRestore));
  const nixRestore = Math.min(...restore.map((round) => round.nixRestore));
  return {
    figures: {
      dumpRatio: nixDump / ourDump,
      dumpRssMb: Math.max(...dump.map((round) => round.ourDump.rssMb)),
      restoreRatio: nixRestore / ourRestore,
    },
    explanation: [
      `dumpRatio     1 GiB in 20,000 files: ${printSeconds(ourDump)} s to dump and hash; nix-store --dump | sha256sum ${printSeconds(nixDump)} s; at least 0.9`,
      `dumpRssMb     the most memory of the process that did it, Node.js included; at most 80`,
      `restoreRatio  the same restored in ${printSeconds(ourRestore)} s; nix-store --restore ${printSeconds(nixRestore)} s; at least 0.8`,
    ].join('\n'),
  };
}

/** What is in the files does not matter, as long as no two neighbours are the same. */
function makeTree(tree: string): void {
  const noise = randomBytes(4 * 1024 * 1024);
  mkdirSync(tree);
  for (let index = 0; index < files; index += 1) {
    const directory = join(tree, `directory-${index % directories}`);
    if (index < directories) mkdirSync(directory);
    const start = (index * 7_919) % (noise.length - fileInBytes);
    writeFileSync(join(directory, `file-${index}`), noise.subarray(start, start + fileInBytes));
  }
}

/** In a process of its own, whose modules are compiled beforehand: stripping their types is no part of the work. */
function run(folder: string, work: 'dump' | 'restore', parameters: readonly string[]): OwnRun {
  const program = fileURLToPath(new URL('archive-process.ts', import.meta.url));
  const output = execFileSync(process.execPath, [program, work, ...parameters], {
    encoding: 'utf8',
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  });
  return JSON.parse(output);
}

function intoNothing(target: string, restore: () => number): number {
  try {
    return restore();
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

function shell(script: string, ...parameters: readonly string[]): void {
  execFileSync('sh', ['-c', script, 'sh', ...parameters], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1_000;
}

const printSeconds = (value: number): string => value.toFixed(2);
