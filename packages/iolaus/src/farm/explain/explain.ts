import type { DerivationPath } from '@iolaus/nix';
import { whyClosed } from '../builders/builder.ts';
import type { Builder, Closure } from '../builders/builder.ts';
import type { FarmState } from '../farm-state.ts';
import { forecast } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import type { BuilderId, JobsetId } from '../identity.ts';
import { jobsetsOf } from '../queues/demand.ts';
import { takesStep } from '../queues/queue.ts';
import type { Queue } from '../queues/queue.ts';
import type { Step } from '../graph/step.ts';
import { whyWaiting } from './why-waiting.ts';
import type { WhyWaiting } from './why-waiting.ts';

/** Why a step is where it is, and when it will probably go on. */
export type Explanation = Forecast & {
  readonly derivation: DerivationPath;
  readonly why: WhyWaiting;
  /** Those that could build it, and why each does not now. */
  readonly machines: readonly Machine[];
  readonly tries: number;
  readonly losses: number;
  /** On whose behalf it is built. */
  readonly jobsets: readonly JobsetId[];
};

export type Machine = {
  readonly builder: BuilderId;
  readonly hostname: string;
  /** Null: it takes a step now. */
  readonly reason: Closure | 'full' | 'no-room' | 'it-went-wrong-there' | null;
};

export function explain(farm: FarmState, step: Step): Explanation {
  const { facts, tries, losses } = step;
  return {
    derivation: facts.derivation,
    why: whyWaiting(farm, step),
    machines: [...lookAtMachines(step)],
    tries,
    losses,
    jobsets: jobsetsOf(step),
    ...forecast(farm, step),
  };
}

function* lookAtMachines({ queue }: Step): Generator<Machine> {
  for (const builder of queue.builders) {
    const { id, facts } = builder;
    const reason =
      whyClosed(builder) ?? (takesStep(queue, builder) ? null : whyNot(queue, builder));
    yield { builder: id, hostname: facts.hostname, reason };
  }
}

/** `no-room`: a slot is free, but what is under way needs the rest of its cores, its memory or its disks. */
function whyNot({ avoided }: Queue, { leases, facts }: Builder): Machine['reason'] {
  if (avoided.includes(facts.hostname)) return 'it-went-wrong-there';
  return leases.size < facts.slots ? 'no-room' : 'full';
}
