import type { DerivationPath } from '@iolaus/nix';
import type { FarmState } from '../farm-state.ts';
import type { AttemptNumber, BuildId, BuilderId, Instant } from '../identity.ts';
import type { StepOutcome } from '../outcome.ts';
import { refreshLoad } from '../queues/queue.ts';

/** An attempt that an earlier runner gave out, and that its builder may still be carrying out. */
export type InheritedAttempt = {
  readonly attempt: AttemptNumber;
  readonly derivation: DerivationPath;
  /** The build that is charged with the attempt's row. */
  readonly build: BuildId;
  readonly builder: BuilderId;
  readonly hostname: string;
  readonly startedAt: Instant;
  /** Its builder said that it builds, as far as the earlier runner knew. */
  readonly hasBegun: boolean;
  /** Its builder has reported it; the report waits until the step is known. */
  readonly hasEnded?: true;
};

/** Those of a builder whose steps are not known yet. */
export function inheritedBy(farm: FarmState, builder: BuilderId): InheritedAttempt[] {
  return [...farm.inherited.values()].filter((inherited) => inherited.builder === builder);
}

/** Its step has become known, or never will. */
export function forgetInherited(farm: FarmState, inherited: InheritedAttempt): void {
  farm.inherited.delete(inherited.derivation);
  if (inherited.hasEnded !== true) freeSlot(farm, inherited.builder);
}

/** The builder is done with it: its slot is free before the step is known. */
export function endInherited(
  farm: FarmState,
  attempt: AttemptNumber,
  derivation: DerivationPath,
): void {
  const inherited = farm.inherited.get(derivation);
  if (inherited?.attempt !== attempt || inherited.hasEnded === true) return;
  farm.inherited.set(derivation, { ...inherited, hasEnded: true });
  freeSlot(farm, inherited.builder);
}

function freeSlot(farm: FarmState, id: BuilderId): void {
  const builder = farm.builders.get(id);
  if (builder === undefined) return;
  builder.unmet -= 1;
  refreshLoad(farm, builder);
}

/** How many slots of a builder such attempts take. */
export function countUnmet(inherited: readonly InheritedAttempt[]): number {
  return inherited.filter(({ hasEnded }) => hasEnded !== true).length;
}

/** Nobody waits for the attempt any more; its builder, if it is there, is told. */
export function abandonInherited(
  farm: FarmState,
  inherited: InheritedAttempt,
  outcome: StepOutcome,
  message: string | null,
): void {
  const { attempt, derivation, build, builder } = inherited;
  forgetInherited(farm, inherited);
  farm.effects.push(
    { type: 'abort-attempt', attempt, builder },
    {
      type: 'finish-attempt',
      attempt,
      derivation,
      build,
      jobsets: [],
      outcome,
      message,
      stoppedAt: farm.now,
      times: null,
      result: null,
    },
  );
}
