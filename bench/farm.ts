import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readTrace } from '../packages/iolaus/src/simulator/replay/read-trace.ts';
import { measureDispatch, measurePairs } from './farm/throughput.ts';
import { runTrials } from './farm/trial.ts';
import type { Trial } from './farm/trial.ts';
import { median } from './report.ts';
import type { BenchReport } from './report.ts';

/** The heart alone: what it holds, how fast it decides, and how good its decisions are. */
export async function measureFarm({
  graph: file,
}: {
  readonly graph: string | undefined;
}): Promise<BenchReport> {
  const say = (progress: string): void => console.error(`farm: ${progress}`);
  say('a large queue is taken in');
  const held = await measureHeld(file);
  say('200,000 runnable steps, all machines full');
  const dispatchP99Ms = measureDispatch(200_000);
  say('35,000 runnable steps on 200 machines');
  const pairsPerSecond = measurePairs(35_000);
  const graph = file === undefined ? undefined : (await readTrace(file)).nodes;
  const trials = runTrials(graph, say);
  return {
    bench: 'farm',
    figures: {
      ...held,
      dispatchP99Ms,
      pairsPerSecond,
      ...summarise(trials),
      trials: trials.length,
    },
    explanation: [
      'heldRssMb, attachSeconds   the unfinished steps and builds of heldSteps and heldBuilds, from parsed facts',
      'dispatchP99Ms              one step of full machines ends, 200,000 wait: time to the next decision',
      'pairsPerSecond             steps that end and are followed by others, 35,000 wait for 200 machines',
      'changeMs                   the slowest of changes of shares and priorities, all of them waiting',
      'makespanVsOracle           against one critical path over all with true build times; medians, as all below',
      "turnaroundVsHydra          mean turnaround against the best of Hydra's three orders in one jobset",
      'turnaroundVsFair           against WithCriticalPath with a jobset for each evaluation, rightly charged',
      'floorVsFair                the same of what nobody can beat, whatever he knows (docs/replay.md)',
      'worstSlowdown              turnaround of the worst evaluation over what it would have taken alone',
      'boundRatio…                makespan over max(critical path, work ÷ slots), which nobody can beat',
    ].join('\n'),
  };
}

/** In a process of its own, which prints a figure a line: what this one needs for its trials is not the farm's. */
async function measureHeld(graph: string | undefined): Promise<Record<string, number>> {
  const program = fileURLToPath(new URL('farm/held.ts', import.meta.url));
  const options = graph === undefined ? [] : ['--graph', graph];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...options]);
  const lines = stdout.trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value] = line.split(' ');
      return [name, Number(value)];
    }),
  );
}

function summarise(trials: readonly Trial[]): Record<string, number> {
  const over = (figure: (trial: Trial) => number): number => median(trials.map(figure));
  const [first] = trials;
  const boundRatios = [...(first?.hydra.keys() ?? [])].map((name) => {
    return [`boundRatio${name}`, over(({ hydra }) => boundRatio(hydra.get(name)))] as const;
  });
  return {
    makespanVsOracle: over(({ ours, oracle }) => ours.makespan / oracle),
    turnaroundVsHydra: over(({ ours, hydra }) => {
      const best = Math.min(...hydra.values().map(({ meanTurnaround }) => meanTurnaround));
      return ours.meanTurnaround / best;
    }),
    turnaroundVsFair: over(({ ours, fair }) => ours.meanTurnaround / fair.meanTurnaround),
    floorVsFair: over(({ floor, fair }) => floor / fair.meanTurnaround),
    worstSlowdown: over(({ ours }) => ours.worstSlowdown),
    ...Object.fromEntries(boundRatios),
    boundRatioFair: over(({ fair }) => boundRatio(fair)),
    boundRatioTwoLevel: over(({ ours }) => boundRatio(ours)),
    boundRatioOracle: over(({ oracle, ours }) => oracle / ours.lowerBound),
  };
}

function boundRatio(
  result: { readonly makespan: number; readonly lowerBound: number } | undefined,
): number {
  return result === undefined ? Number.NaN : result.makespan / result.lowerBound;
}
