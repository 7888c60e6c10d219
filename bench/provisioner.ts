import type { FarmSettings } from '../packages/iolaus/src/farm/event.ts';
import { seededRandom } from '../packages/iolaus/src/simulator/random.ts';
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
import { farmSettings } from './farm/scene.ts';
import { median } from './report.ts';
import type { BenchReport } from './report.ts';

const trials = 7;
const graphSize = 2_000;
const hours = 24;
/** Everything once, then what has changed, three quarters of an hour apart on average: bursts with rests between them. */
const bursts: TrialOptions = { later: 30, pause: 2_700, medianSeconds: 30 };
/** Steps of twice the length, which leave machines few rests: nobody can save much. */
const dense: TrialOptions = { later: 18, pause: 4_500, medianSeconds: 60 };

const limits: Limits = { max: 20, slots: 4, systems: ['x86_64-linux'] };
const facts = {
  ...{ systems: limits.systems, supportedFeatures: ['big-parallel'], mandatoryFeatures: [] },
  ...{ slots: limits.slots, ahead: 0, speedFactor: 1, cpuCount: limits.slots, bogomips: 1 },
  ...{ buildDirectoryThreshold: 0, storeThreshold: 0 },
};
const boot = { least: 60, most: 150, failures: 3 };
const settings: FarmSettings = {
  ...farmSettings,
  selection: 'TwoLevel',
  maxUnsupportedSeconds: 86_400,
};
const pool = { features: facts.supportedFeatures, finishWithin: '5m', gracePeriod: '2m' };

type Day = { readonly ours: YardResult; readonly old: YardResult; readonly fixed: YardResult };

/** Days of bursts with machines as three rules say: ours, hydra-provisioner's, and as many as there may be all the time. */
export async function measureProvisioner(): Promise<BenchReport> {
  const days = playDays(bursts);
  const denseDays = playDays(dense);
  return {
    bench: 'provisioner',
    figures: {
      machineHoursRatio: median(days.map(hoursRatio)),
      finishRatio: median(days.map(finishRatio)),
      worstFinishRatio: median(
        days.map(({ ours, old }) => ours.worstFinishSeconds / old.worstFinishSeconds),
      ),
      largestMachineHoursRatio: Math.max(...days.map(hoursRatio)),
      largestFinishRatio: Math.max(...days.map(finishRatio)),
      denseMachineHoursRatio: median(denseDays.map(hoursRatio)),
      denseFinishRatio: median(denseDays.map(finishRatio)),
      machineHoursVsFixedRatio: median(
        days.map(({ ours, fixed }) => ours.machineHours / fixed.machineHours),
      ),
      finishVsFixedRatio: median(
        days.map(({ ours, fixed }) => ours.finishSeconds / fixed.finishSeconds),
      ),
      machineHours: median(days.map(({ ours }) => ours.machineHours)),
      oldMachineHours: median(days.map(({ old }) => old.machineHours)),
      trials,
    },
    explanation,
  };
}

const hoursRatio = ({ ours, old }: Day): number => ours.machineHours / old.machineHours;
const finishRatio = ({ ours, old }: Day): number => ours.finishSeconds / old.finishSeconds;

const explanation = [
  `${trials} made-up days (seeds 1 to ${trials}), medians: an evaluation of ${graphSize} derivations shaped like nixpkgs, then ${bursts.later} of what`,
  `has changed, ${bursts.pause / 60} minutes apart on average, steps of ${bursts.medianSeconds} s in the median; ${limits.max} machines at most, of ${limits.slots} slots,`,
  `which take ${boot.least} to ${boot.most} s to boot; ${boot.failures} of a hundred fail. dense…: ${dense.later} evaluations, ${dense.pause / 60} minutes apart, of ${dense.medianSeconds} s.`,
  "machineHoursRatio   time in which machines exist, ours over hydra-provisioner's (its defaults, every five minutes)",
  'finishRatio         mean time from an evaluation until all of it is built, likewise; worst…: of the slowest one',
  'largest…            of the day on which we do worst',
  '…VsFixedRatio       the same against all machines all the time',
].join('\n');

function playDays(options: TrialOptions): Day[] {
  console.error(`provisioner: ${trials} days of ${options.later + 1} evaluations`);
  return Array.from({ length: trials }, (_, index) => playDay(options, index + 1));
}

function playDay(options: TrialOptions, seed: number): Day {
  const random = seededRandom(seed);
  const graph = makeGraph(graphSize, random.branch('graph'));
  const workload = makeTrial(graph, options, random.branch('day'));
  const play = (rule: Rule): YardResult => {
    const dice = seededRandom(seed).branch('boot');
    return new Yard(workload, { settings, facts, boot, random: dice, hours }).run(rule);
  };
  return {
    ours: play(ourRule(limits, pool)),
    old: play(oldRule(limits)),
    fixed: play(fixedRule(limits)),
  };
}
