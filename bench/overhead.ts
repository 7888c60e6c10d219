import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { queueFile } from '../packages/iolaus/src/cli/build/queue-file.ts';
import { startLocalFarm } from '../packages/iolaus/src/cli/up/local-farm.ts';
import type { LocalFarm } from '../packages/iolaus/src/cli/up/local-farm.ts';
import { watchBuilds } from '../packages/iolaus/src/cli/build/watch-builds.ts';
import { readGraph, twinExpression } from '../packages/iolaus/src/testing/twin-graph.ts';
import { runLoop } from './overhead/bare-loop.ts';
import { measureTree } from './process-use.ts';
import { median } from './report.ts';
import type { BenchReport } from './report.ts';

// A farm runs for weeks, this one begins: V8 compiles the runner and the builder during their first some 2,000 steps, which
// cost twice as much. They are told of apart (`firstLimitRatio`), as is the loop beside them, which begins as well.
const firstRounds = 4;
// The median leaves hiccups of the machine out.
const rounds = 13;
const nixRounds = 3;
const slots = 2;
const parts = ['runner', 'builder', 'database', 'daemon'] as const;
type Part = (typeof parts)[number];
type Cpu = Readonly<Record<Part, number>>;

/**
 * The same derivations three ways: through the farm and by a bare loop of BuildDerivation over two open connections, in
 * turns, then by `nix-build -j2`. The farm and Nix's command include the evaluation; the loop is told what to build.
 */
export async function measureOverhead(options: {
  readonly graph: string | undefined;
  readonly limit: number;
}): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'iolaus-bench-'));
  try {
    await using farm = await startLocalFarm({
      dataDirectory: join(folder, 'farm'),
      databaseUrl: null,
      runnerSettings: {},
      builderSettings: {},
      slots,
      page: null,
      say: () => {},
      signal: new AbortController().signal,
    });
    return await compare(farm, folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(
  farm: LocalFarm,
  folder: string,
  { graph, limit }: { readonly graph: string | undefined; readonly limit: number },
): Promise<BenchReport> {
  const expression = (): string => {
    const file = join(folder, `${randomUUID()}.nix`);
    writeFileSync(file, graph === undefined ? trivial(limit) : twin(graph, limit));
    return file;
  };
  const all: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    all.push({
      farm: await runFarm(farm, expression()),
      loop: await runLoop(farm, expression(), slots),
    });
  }
  // It comes last: the disk has to work for seconds on what Nix's command leaves.
  const nix = Array.from({ length: nixRounds }, () => runNixBuild(farm, expression()));
  const measured = all.slice(firstRounds);
  const overRounds = (of: (round: Round) => number): number => median(measured.map(of));
  const cpu = (part: Part): number => overRounds((round) => round.farm.cpu[part]);
  const memory = (part: Part): number => measureTree(farm.processIds[part] ?? 0).memoryMb;
  const steps = measured[0]?.farm.steps ?? limit;
  return {
    bench: 'overhead',
    figures: {
      wallRatio: overRounds(({ farm: ours }) => ours.seconds) / median(nix),
      // By rounds: a machine that is shared is faster in one than in the next.
      limitRatio: overRounds(overLimit),
      firstLimitRatio: median(all.slice(0, firstRounds).map(overLimit)),
      perStepMs: overRounds(({ farm: ours, loop }) => (ours.buildSeconds - loop) / steps) * 1_000,
      runnerRssMb: memory('runner'),
      builderRssMb: memory('builder'),
      databaseRssMb: memory('database'),
      farmSeconds: overRounds(({ farm: ours }) => ours.seconds),
      buildSeconds: overRounds(({ farm: ours }) => ours.buildSeconds),
      nixBuildSeconds: median(nix),
      loopSeconds: overRounds(({ loop }) => loop),
      steps,
      daemonCpuMsPerStep: (cpu('daemon') / steps) * 1_000,
      runnerCpuMsPerStep: (cpu('runner') / steps) * 1_000,
      builderCpuMsPerStep: (cpu('builder') / steps) * 1_000,
      databaseCpuMsPerStep: (cpu('database') / steps) * 1_000,
    },
    explanation: [
      'wallRatio     the farm, evaluation included, against nix-build -j2 of as many; the aim is at most 1.0',
      'limitRatio    the farm from queued to finished against a bare loop over two connections; at most 1.35',
      'first…        the same of the four rounds before those, while V8 still compiles what runs',
      'perStepMs     what the farm adds to each step, wall time on two slots',
      '…CpuMsPerStep where the processors were; the wire is in the runner and the builder, half in each',
    ].join('\n'),
  };
}

const overLimit = ({ farm, loop }: Round): number => farm.buildSeconds / loop;

/** Seconds. */
type Round = { farm: FarmRun; loop: number };

type FarmRun = { seconds: number; buildSeconds: number; steps: number; cpu: Cpu };

async function runFarm(farm: LocalFarm, file: string): Promise<FarmRun> {
  const before = readCpu(farm);
  const signal = new AbortController().signal;
  const started = performance.now();
  const what = { file, attributes: [], args: [], argStrings: [] };
  const { builds } = await queueFile(farm, what, { reuse: 'unfinished', signal });
  const queued = performance.now();
  await watchBuilds(farm.database, builds, () => {}, signal);
  const ended = performance.now();
  const after = readCpu(farm);
  const used = (part: Part): number => after[part] - before[part];
  const steps = await stepsOf(farm, builds);
  return {
    seconds: (ended - started) / 1_000,
    buildSeconds: (ended - queued) / 1_000,
    steps,
    cpu: {
      runner: used('runner'),
      builder: used('builder'),
      database: used('database'),
      daemon: used('daemon'),
    },
  };
}

async function stepsOf(farm: LocalFarm, builds: readonly number[]): Promise<number> {
  const [row] = await farm.database.query<{ count: number }>(
    `select count(*)::int4 as count from buildsteps where build = any($1::int[]) and type = 0`,
    [builds],
  );
  return row?.count ?? 0;
}

function readCpu(farm: LocalFarm): Cpu {
  const seconds = (part: Part): number => measureTree(farm.processIds[part] ?? 0).cpuSeconds;
  return {
    runner: seconds('runner'),
    builder: seconds('builder'),
    database: seconds('database'),
    daemon: seconds('daemon'),
  };
}

function runNixBuild(farm: LocalFarm, file: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync('nix-build', ['-j2', '-k', '--no-out-link', file], {
    env: farm.nixEnvironment,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`nix-build failed:\n${stderr.slice(-2_000)}`);
  return (performance.now() - started) / 1_000;
}

function trivial(count: number): string {
  return `builtins.listToAttrs (builtins.genList (i: {
    name = "trivial-\${toString i}";
    value = derivation {
      name = "trivial-\${toString i}";
      salt = "${randomUUID()}";
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-c" "echo \${toString i} > $out" ];
    };
  }) ${count})`;
}

function twin(graph: string, limit: number): string {
  const nodes = readGraph(graph, limit);
  return twinExpression(nodes, { salt: randomUUID(), failing: new Set() });
}
