import type { DerivationPath } from '@iolaus/nix';
import type { FarmState } from '../farm-state.ts';
import type { AttemptNumber, BuildId, BuilderId, Instant } from '../identity.ts';
import type { StepOutcome } from '../outcome.ts';

/** An attempt that an earlier runner gave out, and that its builder may still be carrying out. */
export type InheritedAttempt = {
  readonly attempt: AttemptNumber;
  readonly derivation: DerivationPath;
  /** The build that is charged with the attempt's row. */
  readonly build: BuildId;
  readonly builder: BuilderId;
  readonly hostname: string;
  readonly startedAt: Instant;
  /** Its builder said so, as far as the earlier runner knew. */
  readonly hasBegun: boolean;
};

/** Those of a builder that have not met their step yet. */
export function inheritedBy(farm: FarmState, builder: BuilderId): InheritedAttempt[] {
  return [...farm.inherited.values()].filter((inherited) => inherited.builder === builder);
}

/** Nobody waits for the attempt any more; its builder, if it is there, is told. */
export function abandonInherited(
  farm: FarmState,
  { attempt, derivation, build, builder }: InheritedAttempt,
  outcome: StepOutcome,
  message: string | null,
): void {
  farm.inherited.delete(derivation);
  farm.effects.push(
    { type: 'abort-attempt', attempt, builder },
    {
      type: 'finish-attempt',
      attempt,
      derivation,
      build,
      outcome,
      message,
      stoppedAt: farm.now,
      times: null,
      result: null,
    },
  );
}
