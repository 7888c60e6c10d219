import type { FarmSettings } from '../packages/iolaus/src/farm/event.ts';
import { seededRandom } from '../packages/iolaus/src/simulator/random.ts';
import type { Random } from '../packages/iolaus/src/simulator/random.ts';
import {
  fixedRule,
  oldRule,
  ourRule,
} from '../packages/iolaus/src/simulator/provisioning/rules.ts';
import type { Limits } from '../packages/iolaus/src/simulator/provisioning/rules.ts';
import { Yard } from '../packages/iolaus/src/simulator/provisioning/yard.ts';
import type { Rule, YardResult } from '../packages/iolaus/src/simulator/provisioning/yard.ts';
import { makeGraph } from '../packages/iolaus/src/simulator/replay/make-graph.ts';
import { makeTrial } from '../packages/iolaus/src/simulator/replay/make-trial.ts';
import type { TrialOptions } from '../packages/iolaus/src/simulator/replay/make-trial.ts';
import { mergeWorkloads } from '../packages/iolaus/src/simulator/replay/merge-workloads.ts';
import type { Workload } from '../packages/iolaus/src/simulator/replay/workload.ts';
import { farmSettings } from './farm/scene.ts';
import { median } from './report.ts';
import type { BenchReport } from './report.ts';

const trials = 7;
const graphSize = 2_000;
const hours = 24;

/** A kind of day, and what a farm with such days would set. */
type Trace = {
  readonly story: string;
  readonly work: readonly TrialOptions[];
  readonly pool: { readonly finishWithin: string; readonly gracePeriod: string };
};

/** The first one gives the figures their plain names. */
const traces: Readonly<Record<string, Trace>> = {
  bursts: {
    story: '30 evaluations, 45 minutes apart on average, steps of 30 s',
    work: [{ later: 30, pause: 2_700, medianSeconds: 30 }],
    pool: { finishWithin: '15m', gracePeriod: '30s' },
  },
  sparse: {
    story: '12 evaluations, two hours apart, steps of 30 s',
    work: [{ later: 12, pause: 7_200, medianSeconds: 30 }],
    pool: { finishWithin: '15m', gracePeriod: '30s' },
  },
  dense: {
    story: '18 evaluations, 75 minutes apart, steps of 60 s: hardly a rest',
    work: [{ later: 18, pause: 4_500, medianSeconds: 60 }],
    pool: { finishWithin: '30m', gracePeriod: '30s' },
  },
  steady: {
    story:
      '140 evaluations, ten minutes apart, steps of 10 s, and bursts: 6 of another jobset, of 60 s',
    work: [
      { later: 140, pause: 600, medianSeconds: 10 },
      { later: 6, pause: 14_400, medianSeconds: 60 },
    ],
    pool: { finishWithin: '5m', gracePeriod: '10s' },
  },
};

const limits: Limits = { max: 20, slots: 4, systems: ['x86_64-linux'] };
const facts = {
  systems: limits.systems,
  supportedFeatures: ['big-parallel'],
  mandatoryFeatures: [],
  slots: limits.slots,
  ahead: 0,
  speedFactor: 1,
  cpuCount: limits.slots,
  bogomips: 1,
  buildDirectoryThreshold: 0,
  storeThreshold: 0,
};
const boot = { least: 60, most: 150, failures: 3 };
const settings: FarmSettings = {
  ...farmSettings,
  selection: 'TwoLevel',
  maxUnsupportedSeconds: 86_400,
};

type Day = { readonly ours: YardResult; readonly old: YardResult; readonly fixed: YardResult };

/** Days with machines as three rules say: ours, hydra-provisioner's, and as many as there may be all the time. */
export async function measureProvisioner(): Promise<BenchReport> {
  const figures = Object.entries(traces).flatMap(([name, trace], place) => {
    const prefix = place === 0 ? '' : name;
    const ofTrace = Object.entries(figuresOf(playDays(name, trace)));
    return ofTrace.map(([figure, value]) => [nameOf(prefix, figure), value] as const);
  });
  return {
    bench: 'provisioner',
    figures: { ...Object.fromEntries(figures), trials },
    explanation,
  };
}

const nameOf = (prefix: string, figure: string): string =>
  prefix === '' ? figure : `${prefix}${figure.charAt(0).toUpperCase()}${figure.slice(1)}`;

function figuresOf(days: readonly Day[]): Record<string, number> {
  const hoursRatios = days.map(({ ours, old }) => ours.machineHours / old.machineHours);
  const finishRatios = days.map(({ ours, old }) => ours.finishSeconds / old.finishSeconds);
  return {
    machineHoursRatio: median(hoursRatios),
    finishRatio: median(finishRatios),
    worstFinishRatio: median(
      days.map(({ ours, old }) => ours.worstFinishSeconds / old.worstFinishSeconds),
    ),
    leastRatio: median(days.map(({ old }) => old.leastMachineHours / old.machineHours)),
    largestMachineHoursRatio: Math.max(...hoursRatios),
    largestFinishRatio: Math.max(...finishRatios),
    machineHours: median(days.map(({ ours }) => ours.machineHours)),
    oldMachineHours: median(days.map(({ old }) => old.machineHours)),
    machineHoursVsFixedRatio: median(
      days.map(({ ours, fixed }) => ours.machineHours / fixed.machineHours),
    ),
    finishVsFixedRatio: median(
      days.map(({ ours, fixed }) => ours.finishSeconds / fixed.finishSeconds),
    ),
  };
}

const explanation = [
  `${trials} made-up days of each kind (seeds 1 to ${trials}), medians: an evaluation of ${graphSize} derivations shaped like nixpkgs, then those`,
  `of what has changed; build times in the median; ${limits.max} machines at most, of ${limits.slots} slots, which take ${boot.least} to ${boot.most} s to boot;`,
  `${boot.failures} of a hundred fail. What is named after no kind is of the first.`,
  ...Object.entries(traces).map(
    ([name, { story, pool }]) =>
      `${name.padEnd(20)}${story}; finishWithin ${pool.finishWithin}, gracePeriod ${pool.gracePeriod}`,
  ),
  "machineHoursRatio   time in which machines exist, ours over hydra-provisioner's (its defaults, every five minutes)",
  'finishRatio         mean time from an evaluation until all of it is built, likewise; worst…: of the slowest one',
  'leastRatio          likewise, of machines that boot in no time with all slots always full: nobody can do with less',
  'largest…            of the day on which we do worst',
  '…VsFixedRatio       the same against all machines all the time',
].join('\n');

function playDays(name: string, trace: Trace): Day[] {
  console.error(`provisioner: ${trials} ${name} days`);
  return Array.from({ length: trials }, (_, index) => playDay(trace, index + 1));
}

function playDay({ work, pool }: Trace, seed: number): Day {
  const random = seededRandom(seed);
  const workload = work
    .map((options, place) => makeWork(options, random.branch(`work ${place}`)))
    .reduce(mergeWorkloads);
  const play = (rule: Rule): YardResult => {
    const dice = seededRandom(seed).branch('boot');
    return new Yard(workload, { settings, facts, boot, random: dice, hours }).run(rule);
  };
  return {
    ours: play(ourRule(limits, { features: facts.supportedFeatures, ...pool })),
    old: play(oldRule(limits)),
    fixed: play(fixedRule(limits)),
  };
}

function makeWork(options: TrialOptions, random: Random): Workload {
  const graph = makeGraph(graphSize, random.branch('graph'));
  return makeTrial(graph, options, random.branch('day'));
}
