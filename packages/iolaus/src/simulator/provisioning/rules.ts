import { provisionerSchema } from '../../provisioner/configuration.ts';
import { generationOf } from '../../provisioner/plan/generation.ts';
import { blankMemory } from '../../provisioner/plan/memory.ts';
import type { Machine, Observation, Outcome } from '../../provisioner/plan/observation.ts';
import { plan } from '../../provisioner/plan/plan.ts';
import type { Rule, Yard, YardMachine } from './yard.ts';

/** What a rule may do, the same for all. */
export type Limits = {
  readonly max: number;
  readonly slots: number;
  readonly systems: readonly string[];
};

/** As many machines as there may be, all the time. */
export function fixedRule({ max }: Limits): Rule {
  return {
    everyMilliseconds: 60_000,
    act(yard) {
      for (const { name, hasFailed } of yard.machines) if (hasFailed) yard.destroy(name);
      for (let index = yard.machines.length; index < max; index += 1) {
        yard.create(`fixed-${yard.now}-${index}`);
      }
    },
  };
}

const billedHour = 3_600_000;
const keptMilliseconds = 30 * 60_000;
const endedMilliseconds = 10 * 60_000;

/**
 * hydra-provisioner with its defaults, every five minutes: a machine for ten steps that could start, at most one more each
 * time; what is too many stays while half an hour is paid for or it works, and goes in the last ten minutes of its hour.
 */
export function oldRule({ max }: Limits, runnablesPerMachine = 10): Rule {
  let made = 0;
  return {
    everyMilliseconds: 5 * 60_000,
    act(yard) {
      // What cannot be deployed is thrown away, and made anew.
      for (const { name, hasFailed } of yard.machines) if (hasFailed) yard.destroy(name);
      const runnable = yard.farm.view.counts().runnable;
      const allowed = Math.min(Math.ceil(runnable / runnablesPerMachine), max);
      const chosen = yard.machines.slice(0, allowed);
      for (const { name } of chosen) yard.hold(name, false);
      for (const machine of yard.machines.slice(allowed)) letGo(yard, machine);
      if (chosen.length < allowed) yard.create(`old-${(made += 1)}`);
    },
  };
}

function letGo(yard: Yard, { name, createdAt, running }: YardMachine): void {
  const paid = billedHour - ((yard.now - createdAt) % billedHour);
  const stays = paid >= keptMilliseconds || running > 0;
  yard.hold(name, !stays);
  if (!stays && paid < endedMilliseconds) yard.destroy(name);
}

/** Ours: the real plan, with what a pool's settings say in place of its defaults. */
export function ourRule(
  { max, slots, systems }: Limits,
  settings: Readonly<Record<string, unknown>>,
): Rule {
  const configuration = provisionerSchema.parse({
    drivers: { yard: { type: 'local', directory: '/nowhere' } },
    pools: [{ name: 'p', driver: 'yard', systems, maxJobs: slots, max, ...settings }],
  });
  const [pool] = configuration.pools;
  const generation = pool === undefined ? '' : generationOf(pool);
  let memory = blankMemory;
  let outcomes: Outcome[] = [];
  return {
    everyMilliseconds: configuration.tick,
    act(yard) {
      const made = plan(observe(yard, outcomes, generation), configuration, memory);
      ({ memory } = made);
      outcomes = [];
      for (const wish of made.wishes) {
        if (wish.type === 'create') {
          yard.create(wish.name);
          outcomes.push({ type: 'created', name: wish.name });
        } else if (wish.type === 'destroy') yard.destroy(wish.name);
        else yard.hold(wish.name, wish.type === 'drain');
      }
    },
  };
}

/** As the runner's `/demand` and a driver's list tell it. */
function observe(yard: Yard, outcomes: readonly Outcome[], generation: string): Observation {
  const { survey } = yard.farm;
  const work = survey.work();
  const builders = [...survey.builders()].map(({ id, facts, attempts, closed }) => {
    const machine = yard.machines.find(({ name }) => name === facts.hostname);
    return {
      hostname: facts.hostname,
      systems: facts.systems,
      features: facts.supportedFeatures,
      mandatoryFeatures: facts.mandatoryFeatures,
      slots: facts.slots,
      speedFactor: facts.speedFactor,
      attempts,
      secondsLeft: work.get(id) ?? 0,
      uploads: 0,
      joinedAt: machine?.joinedAt ?? null,
      idleSince: machine?.idleSince ?? null,
      closed,
    };
  });
  const machines = yard.machines.map(({ name, createdAt, hasFailed }): Machine => ({
    name,
    handle: name,
    pool: 'p',
    offer: 'default',
    generation,
    createdAt,
    state: hasFailed ? 'failed' : 'running',
    isInterrupted: false,
  }));
  const demand = { now: yard.now, startedAt: -Infinity, needs: survey.needs(), builders };
  return { now: yard.now, demand, machines: { yard: machines }, outcomes };
}
