import { writeFile } from 'node:fs/promises';
import { selectionNames } from '../../farm/selection/policy.ts';
import type { SelectionName } from '../../farm/selection/policy.ts';
import { Fault } from '../../fault/fault.ts';
import { boundsBySystem } from '../../simulator/replay/bounds.ts';
import type { Bound } from '../../simulator/replay/bounds.ts';
import { drawChart } from '../../simulator/replay/chart.ts';
import { checkMachines } from '../../simulator/replay/check-machines.ts';
import type { ReplayResult } from '../../simulator/replay/ledger.ts';
import { builderFactsOf } from '../../simulator/replay/machine.ts';
import type { Machine } from '../../simulator/replay/machine.ts';
import { machinesNeeded } from '../../simulator/replay/machines-needed.ts';
import type { Need } from '../../simulator/replay/machines-needed.ts';
import { readMachines } from '../../simulator/replay/read-machines.ts';
import { readTrace } from '../../simulator/replay/read-trace.ts';
import { Replay } from '../../simulator/replay/replay.ts';
import { workloadOf } from '../../simulator/replay/trace-workload.ts';
import type { Workload } from '../../simulator/replay/workload.ts';
import { parseCount, parseParameters, refusePositionals } from '../command.ts';
import { printDuration } from '../terminal/duration.ts';
import { printTable } from '../terminal/table.ts';

export const helpOfTrace = `  --trace FILE           replays a recorded graph (docs/replay.md) with its real build times
  --machines FILE        on these machines: a list in JSON, or Nix's machines file (default: 8 of 8 slots)
  --policy NAME          ${selectionNames.join(', ')} or all (default: TwoLevel)
  --finish-within TIME   tells how many machines are needed to be done in 8h, 90m or 3600s
  --chart FILE           writes a page with what ran when
  --json                 prints one line of JSON
  --random N             seed of build times that the trace does not tell (default: 1)`;

/** Nothing fails in a replay, and nobody waits for a machine that is not there. */
const settings = {
  maxTries: 1,
  retryIntervalSeconds: 0,
  retryBackoff: 1,
  maxUnsupportedSeconds: 1,
  maxSilentSeconds: 3_600,
  timeoutSeconds: 36_000,
};

type Named = { readonly policy: SelectionName; readonly result: ReplayResult };

/** `iolaus simulate --trace`. */
export async function simulateTrace(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('simulate', parameters, {
    trace: { type: 'string', default: '' },
    machines: { type: 'string' },
    policy: { type: 'string', default: 'TwoLevel' },
    'finish-within': { type: 'string' },
    chart: { type: 'string' },
    json: { type: 'boolean', default: false },
    random: { type: 'string', default: '1' },
  });
  refusePositionals('simulate', positionals);
  const policies = parsePolicies(values.policy);
  const within = values['finish-within'];
  const withinSeconds = within === undefined ? undefined : parseTime(within);
  const trace = await readTrace(values.trace);
  const { workload, madeUp } = workloadOf(trace, parseCount('--random', values.random, 0));
  const machines =
    values.machines === undefined ? defaultMachines(workload) : await readMachines(values.machines);
  const builders = builderFactsOf(machines);
  checkMachines(workload, builders);
  if (madeUp > 0) tell(`${madeUp} build times are not in the trace: they are made up.`);
  const results = policies.map((policy) => ({
    policy,
    result: replay(workload, machines, policy),
  }));
  const [first = 'TwoLevel'] = policies;
  const need =
    withinSeconds === undefined
      ? undefined
      : machinesNeeded(workload, machines, withinSeconds, (more) => {
          return replay(workload, more, first).makespan;
        });
  if (values.chart !== undefined) {
    await writeFile(values.chart, drawChart(`Replay of ${values.trace}`, builders, results));
  }
  const bounds = boundsBySystem(workload, builders);
  if (values.json) {
    const systems = Object.fromEntries(bounds);
    console.log(JSON.stringify({ replays: results.map(inFigures), systems, need }));
  } else {
    printBounds(bounds);
    printResults(results);
    if (need !== undefined) console.log(`\n${tellNeed(need, withinSeconds ?? 0)}`);
  }
  return need === undefined || need.type === 'machines' ? 0 : 1;
}

function replay(
  workload: Workload,
  machines: readonly Machine[],
  selection: SelectionName,
): ReplayResult {
  const onProgress = (share: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${selection}: ${Math.round(100 * share)} % `);
  };
  const options = { settings: { ...settings, selection }, onProgress };
  const result = new Replay(workload, builderFactsOf(machines), options).run();
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return result;
}

function printBounds(bounds: ReadonlyMap<string, Bound>): void {
  const rows = [...bounds].map(([system, { criticalPath, work }]) => [
    system,
    printDuration(criticalPath),
    printDuration(work),
  ]);
  console.log(`${printTable([['system', 'longest chain', 'work ÷ slots'], ...rows])}\n`);
}

function printResults(results: readonly Named[]): void {
  const head = ['policy', 'in all', 'least possible', 'mean turnaround', 'worst slowdown'];
  const rows = results.map(({ policy, result }) => [
    policy,
    printDuration(result.makespan),
    `${printDuration(result.lowerBound)} (${(result.makespan / result.lowerBound).toFixed(3)} ×)`,
    printDuration(result.meanTurnaround),
    `${result.worstSlowdown.toFixed(2)} ×`,
    printDuration(result.longestWait),
    [...result.utilisation]
      .map(([system, share]) => `${system} ${(100 * share).toFixed(0)} %`)
      .join(', '),
  ]);
  console.log(printTable([[...head, 'longest wait', 'slots in use'], ...rows]));
}

function tellNeed(need: Need, within: number): string {
  const time = printDuration(within);
  if (need.type === 'impossible') {
    const chain = printDuration(need.criticalPath);
    return `No number of machines is done in ${time}: the longest chain of steps takes ${chain}.`;
  }
  if (need.type === 'too-many')
    return `Even ${need.factor} times the machines need longer than ${time}.`;
  const list = need.machines.map(({ name, count }) => `${count} × ${name}`).join(', ');
  return `To be done in ${time} you need ${list}: they take ${printDuration(need.seconds)}.`;
}

function inFigures({ policy, result }: Named): object {
  const { runs: _, utilisation, ...figures } = result;
  return { policy, ...figures, utilisation: Object.fromEntries(utilisation) };
}

function parsePolicies(name: string): readonly SelectionName[] {
  if (name === 'all') return selectionNames;
  const policy = selectionNames.find((known) => known.toLowerCase() === name.toLowerCase());
  if (policy !== undefined) return [policy];
  throw new Fault('bad-usage', `there is no policy '${name}'`, {
    remedy: `There are ${selectionNames.join(', ')}, and all.`,
  });
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function parseTime(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (unitSeconds[unit === '' ? 's' : unit] ?? 1);
  throw new Fault('bad-usage', `--finish-within is '${text}', which is no time`, {
    remedy: 'Give a number with s, m, h or d: 8h.',
  });
}

/** One kind that builds everything. */
function defaultMachines({ steps }: Workload): Machine[] {
  return [
    {
      name: 'machine',
      count: 8,
      systems: [...new Set(steps.map(({ system }) => system))],
      features: [...new Set(steps.flatMap(({ requiredFeatures }) => requiredFeatures))],
      mandatoryFeatures: [],
      slots: 8,
      speedFactor: 1,
      cores: 8,
    },
  ];
}

const tell = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
