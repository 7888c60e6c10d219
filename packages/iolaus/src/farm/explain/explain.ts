import type { DerivationPath } from '@iolaus/nix';
import { whyClosed } from '../builders/builder.ts';
import type { Closure } from '../builders/builder.ts';
import type { FarmState } from '../farm-state.ts';
import { forecast } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import type { BuilderId, JobsetId } from '../identity.ts';
import { takesStep } from '../queues/queue.ts';
import type { Step } from '../graph/step.ts';
import { jobsetsOf } from './survey-queue.ts';
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
  readonly reason: Closure | 'full' | 'it-went-wrong-there' | null;
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
    const closed = whyClosed(builder);
    const isAvoided = queue.avoided.includes(facts.hostname);
    const isTaken = isAvoided ? 'it-went-wrong-there' : 'full';
    const reason = closed ?? (takesStep(queue, builder) ? null : isTaken);
    yield { builder: id, hostname: facts.hostname, reason };
  }
}
