import type { BenchReport } from './report.ts';
import { measureIdle } from './runner/idle.ts';
import { measureIngest } from './runner/ingest.ts';
import { graphOf } from './runner/jobs.ts';
import { measureRestart } from './runner/restart.ts';
import { measureTakeover } from './runner/takeover.ts';
import { measureThroughput } from './runner/throughput.ts';
import { measureWidening } from './runner/widen-timestamps.ts';

// A minute each, at the rates that were seen.
const fastSteps = 180_000;
const pacedSteps = 66_000;

/** What a runner of a large farm takes: on a quiet machine of two cores some ten minutes. */
export async function measureRunner(options: {
  readonly graph: string | undefined;
  readonly only: string | undefined;
}): Promise<BenchReport> {
  const wanted = options.only?.split(',') ?? Object.keys(parts);
  const figures: Record<string, number> = {};
  for (const name of wanted) {
    const measure = parts[name];
    if (measure === undefined) {
      throw new Error(`the bench has no part '${name}', only ${Object.keys(parts).join(', ')}`);
    }
    Object.assign(figures, await measure(options.graph));
  }
  return { bench: 'runner', figures, explanation };
}

/** Each can be measured alone (`--only`). */
const parts: Readonly<
  Record<string, (graph: string | undefined) => Promise<Readonly<Record<string, number>>>>
> = {
  throughput: () => measureThroughput({ fastSteps, pacedSteps }),
  ingest: (graph) => measureIngest(graphOf(graph)),
  restart: (graph) => measureRestart(graphOf(graph)),
  takeover: (graph) => measureTakeover(graphOf(graph)),
  idle: () => measureIdle(),
  widening: async () => ({ widenLockMs: (await measureWidening()).widenLockMs }),
};

const explanation = [
  'stepsPerSecond    steps that take no time, on 200 made-up builders in one process beside it; at least 1,000',
  'cpuMsPerStep      of the runner itself; at most 0.6',
  'ackP99Ms          from a report to its acknowledgement, at pacedStepsPerSecond; at most 250',
  'ingestSeconds     a queue like that of nixpkgs, nothing built; at most 90, and ingestRssMb at most 800',
  'ingestBuiltSeconds the same with every job built; at most 30',
  'restartSeconds    after SIGKILL, until 1,000 running steps are taken back and others given out; at most 15',
  'stepsLost         of those; 0, and stepsTwice, what was built to its end more than once, 0',
  'takeoverSeconds   the same where another stood by, from SIGKILL on; at most 10, and takeoverQueueSeconds until it knows all',
  'takeoverLost      and takeoverTwice, as above; standbyRssMb the most that it took, at most 800',
  'idleCpuPercent    of one core, with 1,000 builders that have nothing to do; at most 5, and idleRssMb at most 200',
  'widenLockMs       the longest lock while the times of 1,000,000 builds become wide; at most 100',
].join('\n');
