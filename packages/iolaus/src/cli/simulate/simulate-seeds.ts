import { writeFileSync } from 'node:fs';
import { Fault } from '../../fault/fault.ts';
import { describePlan } from '../../simulator/describe-plan.ts';
import { play } from '../../simulator/history.ts';
import { makePlan } from '../../simulator/make-plan.ts';
import { playMany } from '../../simulator/play-many.ts';
import { knownFaults } from '../../simulator/sabotage/catalogue.ts';
import { noSabotage } from '../../simulator/sabotage/sabotage.ts';
import type { Sabotage } from '../../simulator/sabotage/sabotage.ts';
import { shrink } from '../../simulator/shrink.ts';
import type { Tally } from '../../simulator/tally.ts';
import { parseCount, parseParameters, refusePositionals } from '../command.ts';
import { printTable } from '../terminal/table.ts';

export const helpOfSeeds = `  --seed N        tells the history that belongs to the number: always the same one
  --fault NAME    puts a known fault into the runner first; NAME 'list' names them
  --keep FILE     shrinks a failing history and writes it down, to be kept as a test
  --seeds COUNT   plays so many histories on all cores, and tells what they were made of
  --from N        the first of them (default: 1)`;

/** `iolaus simulate --seed` and `--seeds`. Ends with status 1 where a promise was broken. */
export async function simulateSeeds(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('simulate', parameters, {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    fault: { type: 'string' },
    keep: { type: 'string' },
  });
  refusePositionals('simulate', positionals);
  if (values.fault === 'list') return listFaults();
  if (values.seeds !== undefined) {
    return playSeeds(parseCount('--seeds', values.seeds, 1), parseCount('--from', values.from, 0));
  }
  if (values.seed === undefined) {
    throw new Fault('bad-usage', 'iolaus simulate needs to know what', {
      remedy: 'Give --seed N for one history, or --seeds COUNT for many.',
    });
  }
  return tellSeed(parseCount('--seed', values.seed, 0), findFault(values.fault), values.keep);
}

function listFaults(): number {
  console.log(printTable(knownFaults.map(({ name, story }) => [name, story])));
  return 0;
}

function findFault(name: string | undefined): Sabotage {
  if (name === undefined) return noSabotage;
  const fault = knownFaults.find((known) => known.name === name);
  if (fault !== undefined) return fault.sabotage;
  throw new Fault('bad-usage', `there is no known fault '${name}'`, {
    remedy: '`iolaus simulate --fault list` names them.',
  });
}

async function tellSeed(
  seed: number,
  sabotage: Sabotage,
  keep: string | undefined,
): Promise<number> {
  const plan = makePlan(seed);
  const whole = await play(plan, sabotage);
  const isBroken = whole.breaches.length > 0;
  const told = isBroken ? await shrink(plan, sabotage) : plan;
  const history = isBroken ? await play(told, sabotage) : whole;
  console.log([...describePlan(told), '', ...history.lines, ''].join('\n'));
  if (!isBroken) {
    console.log(`All promises were kept. ${history.events} events, trace ${history.hash}.`);
    return 0;
  }
  console.log(`A promise was broken: ${history.breaches[0]}`);
  console.log(
    `The whole history has ${whole.events} events; this one, shrunk, has ${history.events}.`,
  );
  if (keep !== undefined) writeFileSync(keep, `${JSON.stringify(told, null, 2)}\n`);
  return 1;
}

async function playSeeds(count: number, from: number): Promise<number> {
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const began = performance.now();
  const show = (tally: Tally): void => {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r${tally.seeds} of ${count} seeds, ${tally.failures.length} failing `);
  };
  const tally = await playMany({ from, count }, show, stopping.signal);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const seconds = (performance.now() - began) / 1_000;
  console.log(describeTally(tally));
  console.log(
    `\n${tally.seeds} seeds from ${from} on, ${tally.events} events in ${seconds.toFixed(1)} s ` +
      `(${Math.round(tally.seeds / seconds)} seeds a second); ${tally.failures.length} failing.`,
  );
  return tally.failures.length === 0 ? 0 : 1;
}

// More of them would tell nothing new.
const failuresShownMax = 20;

function describeTally({ counts, seeds, failures }: Tally): string {
  const rows = [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([what, { times, histories }]) => [
      what,
      String(times),
      `in ${((100 * histories) / seeds).toFixed(1)} % of the histories`,
    ]);
  const failing = failures
    .slice(0, failuresShownMax)
    .map(({ seed, breach }) => `seed ${seed}: ${breach}`);
  return [printTable([['what happened', 'times', ''], ...rows]), '', ...failing]
    .join('\n')
    .trimEnd();
}
