import type { Build } from '../graph/build.ts';
import type { Demand } from '../queues/demand.ts';
import type { FarmState } from '../farm-state.ts';
import type { Check } from './promises.ts';
import { takesStep } from '../queues/queue.ts';
import type { Queue } from '../queues/queue.ts';
import { canBuild } from '../graph/requirement.ts';
import type { Step } from '../graph/step.ts';

/** Whether everything that is kept up with every change is what counting it afresh would give. */
export function checkBookkeeping(farm: FarmState, check: Check): void {
  for (const build of farm.builds.values()) checkBuild(farm, build, check);
  for (const step of farm.steps.values()) {
    checkLinks(step, check);
    checkDemands(step, check);
  }
  for (const queue of farm.queues.values()) {
    checkMembers(farm, queue, check);
    checkBuilders(farm, queue, check);
    checkLanes(queue, check);
  }
  checkCounts(farm, check);
  checkDeadlines(farm, check);
  checkCharges(farm, check);
}

function checkBuild(farm: FarmState, build: Build, check: Check): void {
  const { id, derivation } = build.facts;
  check(farm.steps.get(derivation) === build.step, () => `build ${id} has lost its step`);
  check(build.step.builds.has(build), () => `build ${id} is not known to its step`);
  check(farm.demands.get(build.demand.key) === build.demand, () => `build ${id} asks nothing`);
}

function checkLinks(step: Step, check: Check): void {
  const { derivation } = step.facts;
  check(
    step.inputs.values().every((input) => input.dependents.has(step)),
    () => `${derivation} would not learn of the end of an input`,
  );
  check(
    step.dependents.values().every((dependent) => dependent.inputs.has(step)),
    () => `${derivation} has a dependent that does not wait for it`,
  );
  const isOldest =
    step.dependents.values().every(({ lowestBuild }) => step.lowestBuild <= lowestBuild) &&
    step.builds.values().every(({ facts }) => step.lowestBuild <= facts.id);
  check(isOldest, () => `${derivation} has forgotten who asked for it first`);
}

/** A step's demands are those of its builds and dependents, each counted. */
function checkDemands(step: Step, check: Check): void {
  const expected = new Map<Demand, number>();
  const count = (demand: Demand) => expected.set(demand, (expected.get(demand) ?? 0) + 1);
  for (const { demand } of step.builds) count(demand);
  for (const { demands } of step.dependents) for (const demand of demands.keys()) count(demand);
  const agree =
    expected.size === step.demands.size &&
    expected.entries().every(([demand, times]) => step.demands.get(demand) === times);
  check(agree, () => `${step.facts.derivation} does not know on whose behalf it is built`);
}

function checkMembers(farm: FarmState, queue: Queue, check: Check): void {
  const members = farm.steps.values().filter((step) => step.queue === queue);
  const count = members.reduce((sum) => sum + 1, 0);
  check(queue.members === count && count > 0, () => `${queue.key} has miscounted its members`);
}

function checkBuilders(farm: FarmState, queue: Queue, check: Check): void {
  const { key, builders, openings } = queue;
  for (const builder of farm.builders.values()) {
    const isCapable = canBuild(builder.facts, queue.requirement);
    check(builders.has(builder) === isCapable, () => `${key} mistakes ${builder.id}`);
    check(builder.queues.has(queue) === isCapable, () => `${builder.id} mistakes ${key}`);
    const isOpen = isCapable && takesStep(queue, builder);
    check(openings.has(builder) === isOpen, () => `${key} has not noticed ${builder.id}`);
  }
  check(
    builders.values().every((builder) => farm.builders.get(builder.id) === builder),
    () => `${key} counts on a lost builder`,
  );
  check(
    (queue.unsupportedSince === undefined) === builders.size > 0,
    () => `${key} does not know whether it is supported`,
  );
}

function checkLanes({ key, entries, lanes }: Queue, check: Check): void {
  const standing = lanes.values().reduce((sum, lane) => sum + lane.size, 0);
  const expected = entries.values().reduce((sum, entry) => sum + entry.groups.length, 0);
  check(standing === expected, () => `${key} has steps in the wrong lanes`);
  for (const [step, entry] of entries) {
    const jobsets = new Set(step.demands.keys().map((demand) => demand.jobset));
    const globalPriority = Math.max(...step.demands.keys().map((demand) => demand.globalPriority));
    const localPriority = Math.max(...step.demands.keys().map((demand) => demand.localPriority));
    const stands =
      jobsets.size === entry.jobsets.length &&
      entry.jobsets.every((jobset) => jobsets.has(jobset)) &&
      entry.groups.every((group) => lanes.has(group)) &&
      !entry.isGone &&
      entry.globalPriority === globalPriority &&
      entry.localPriority === localPriority &&
      entry.lowestBuild === step.lowestBuild;
    check(stands, () => `${step.facts.derivation} does not stand where its rank belongs`);
  }
}

function checkCounts(farm: FarmState, check: Check): void {
  const counts = {
    waiting: 0,
    runnable: 0,
    leased: 0,
    'backing-off': 0,
    unfolding: 0,
    resolved: 0,
    finished: 0,
  };
  for (const { state } of farm.steps.values()) counts[state.type] += 1;
  for (const type of [
    'waiting',
    'runnable',
    'leased',
    'backing-off',
    'unfolding',
    'resolved',
  ] as const) {
    check(farm.counts[type] === counts[type], () => `steps that are ${type} are miscounted`);
  }
  check(farm.leases.size === counts.leased, () => 'there are attempts without steps');
}

/** One for each step that rests, builder to be looked at, and queue that waits for a builder to join; no other. */
function checkDeadlines(farm: FarmState, check: Check): void {
  const watched = farm.queues
    .values()
    .filter(({ entries, builders }) => entries.size > 0 && builders.size === 0);
  const awaited = farm.builders
    .values()
    .filter(({ pausedUntil, lookAt, awayUntil, listenAt }) =>
      [pausedUntil, lookAt, awayUntil, listenAt].some((at) => at !== undefined),
    );
  const expected = [...watched, ...awaited];
  check(
    expected.every((subject) => farm.deadlines.of(subject) !== undefined),
    () => 'a wait has no end',
  );
  check(
    farm.deadlines.size === expected.length + farm.counts['backing-off'],
    () => 'a deadline belongs to nobody',
  );
}

function checkCharges(farm: FarmState, check: Check): void {
  const asked = farm.demands.values().reduce((sum, { builds }) => sum + builds, 0);
  check(asked === farm.builds.size, () => 'builds ask for more or less than they are');
  check(
    farm.demands.values().every(({ builds }) => builds > 0),
    () => 'a demand is kept that nobody makes',
  );
  for (const jobset of farm.jobsets.values()) {
    const running = [...farm.leases.values()].filter(({ jobsets }) => jobsets.includes(jobset));
    check(jobset.running === running.length, () => `jobset ${jobset.id} is charged wrongly`);
  }
}
