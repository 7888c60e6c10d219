import { execFileSync, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
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
  const [tree, archive] = [join(folder, 'tree'), join(folder, 'tree.nar')];
  try {
    makeTree(tree);
    const dump = await compareDump(folder, tree);
    shell('nix-store --dump "$1" > "$2"', tree, archive);
    rmSync(tree, { recursive: true });
    const restore = await compareRestore(folder, archive, tree);
    return {
      figures: {
        dumpRatio: dump.theirSeconds / dump.ourSeconds,
        dumpRssMb: dump.rssMb,
        restoreRatio: restore.theirSeconds / restore.ourSeconds,
      },
      explanation: explain(dump, restore),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Comparison = {
  readonly ourSeconds: number;
  readonly theirSeconds: number;
  readonly rssMb: number;
};

async function compareDump(folder: string, tree: string): Promise<Comparison> {
  using ours = startOwnProcess(folder, ['dump', tree]);
  return await bestOf(
    () => ours.work(),
    () => seconds(() => shell('nix-store --dump "$1" | sha256sum', tree)),
  );
}

async function compareRestore(folder: string, archive: string, tree: string): Promise<Comparison> {
  using ours = startOwnProcess(folder, ['restore', archive, tree]);
  const removed = <T>(result: T): T => {
    rmSync(tree, { recursive: true, force: true });
    return result;
  };
  return await bestOf(
    async () => removed(await ours.work()),
    () => removed(seconds(() => shell('nix-store --restore "$2" < "$1"', archive, tree))),
  );
}

async function bestOf(ours: () => Promise<OwnRun>, theirs: () => number): Promise<Comparison> {
  const best = { ourSeconds: Infinity, theirSeconds: Infinity, rssMb: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const [own, their] = [await ours(), theirs()];
    best.rssMb = own.rssMb;
    if (round === 0) continue;
    best.ourSeconds = Math.min(best.ourSeconds, own.seconds);
    best.theirSeconds = Math.min(best.theirSeconds, their);
  }
  return best;
}

function explain(dump: Comparison, restore: Comparison): string {
  const beside = (command: string, { ourSeconds, theirSeconds }: Comparison): string =>
    `${ourSeconds.toFixed(2)} s; ${command} ${theirSeconds.toFixed(2)} s`;
  return [
    `dumpRatio     1 GiB in 20,000 files: ${beside('nix-store --dump | sha256sum', dump)}; at least 0.9`,
    'dumpRssMb     the most memory of the process that did so six times, Node.js included; at most 80',
    `restoreRatio  the same restored: ${beside('nix-store --restore', restore)}; at least 0.8`,
  ].join('\n');
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

type OwnProcess = Disposable & { work(): Promise<OwnRun> };

/**
 * A process of its own, which goes on from round to round as a farm's would. Its modules are compiled beforehand:
 * stripping their types is no part of the work.
 */
function startOwnProcess(folder: string, parameters: readonly string[]): OwnProcess {
  const program = fileURLToPath(new URL('archive-process.ts', import.meta.url));
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  // Where nobody can send it a message it ends at once, and leaves what it compiled.
  execFileSync(process.execPath, [program], { env });
  const child = fork(program, parameters, { env });
  return {
    async work() {
      child.send('work');
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`the process that was measured ended with ${code}`);
      });
      const answer = once(child, 'message').then(([run]): OwnRun => run);
      return Promise.race([answer, ended]);
    },
    [Symbol.dispose]: () => void child.kill(),
  };
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
