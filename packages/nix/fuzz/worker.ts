import { parentPort, workerData } from 'node:worker_threads';
import { judge } from './judge.ts';
import type { Fault } from './judge.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutate.ts';
import { createRandom, seedOf } from './random.ts';
import { Slot } from './slot.ts';
import { loadTargets } from './targets.ts';

/** What the worker is to do. */
export type Work = {
  readonly folder: string;
  readonly pattern: string;
  /** The name of a target, or part of the names of those wanted; empty for all. */
  readonly only: string;
  readonly seed: number;
  readonly seconds: number;
  /** The number of each target's first input. */
  readonly first: number;
  /** Ends earlier after so many inputs. */
  readonly inputs: number;
  readonly slot: SharedArrayBuffer;
};

/** An input that showed a fault, and how it can be made again. */
export type Finding = {
  readonly target: string;
  /** The how manyeth of the target in this session. */
  readonly number: number;
  readonly fault: Fault;
  readonly input: Uint8Array;
};

export type TargetCount = {
  readonly target: string;
  readonly tried: number;
  readonly accepted: number;
};

export type Message =
  | { readonly type: 'counts'; readonly counts: readonly TargetCount[] }
  | { readonly type: 'finding'; readonly finding: Finding };

/** Long enough that changing targets costs nothing, short enough that a session of a second tries all. */
const turnInMs = 20;
const reportEveryMs = 250;
/** A broken parser fails at every second input; a handful of them tells all there is to know. */
const mostFindingsOfTarget = 5;

const work: Work = workerData;
const slot = new Slot(work.slot);
const targets = await loadTargets(work.folder, work.pattern, work.only);
const runs = targets.map((target, index) => ({
  target,
  index,
  seeds: target.seeds(),
  tried: 0,
  accepted: 0,
  findings: 0,
}));
type Run = (typeof runs)[number];

const deadline = performance.now() + work.seconds * 1000;
let inputsLeft = work.inputs;
let nextReport = 0;
while (isTimeLeft() && runs.some(isOpen)) for (const run of runs) await takeTurn(run);
report();

async function takeTurn(run: Run): Promise<void> {
  const end = performance.now() + turnInMs;
  while (isTimeLeft() && performance.now() < end && isOpen(run)) await tryNext(run);
  if (performance.now() >= nextReport) report();
}

async function tryNext(run: Run): Promise<void> {
  const number = work.first + run.tried;
  run.tried += 1;
  inputsLeft -= 1;
  const { target, seeds } = run;
  const input = mutate(seeds, createRandom(seedOf(work.seed, target.name, number)));
  slot.begin(run.index, number, input);
  const { accepted, fault } = await judge(target, input);
  slot.end();
  if (accepted) run.accepted += 1;
  if (fault === null) return;
  run.findings += 1;
  const finding = {
    target: target.name,
    number,
    fault,
    input: await shorten(target, fault, input),
  };
  send({ type: 'finding', finding });
}

async function shorten(target: FuzzTarget, { kind }: Fault, input: Buffer): Promise<Buffer> {
  return minimise(input, async (candidate) => {
    const { fault } = await judge(target, candidate);
    return fault?.kind === kind;
  });
}

/** Whether anything new is to be expected of it. */
function isOpen({ findings }: Run): boolean {
  return findings < mostFindingsOfTarget;
}

function isTimeLeft(): boolean {
  return inputsLeft > 0 && performance.now() < deadline;
}

function report(): void {
  nextReport = performance.now() + reportEveryMs;
  const counts = runs.map(({ target, tried, accepted }) => ({
    target: target.name,
    tried,
    accepted,
  }));
  send({ type: 'counts', counts });
}

function send(message: Message): void {
  parentPort?.postMessage(message, []);
}
