import type { Phase } from '../../farm/outcome.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';

// Phases are for people to look at, and a message costs both sides as much as a tenth of a tiny build.
const gatherMilliseconds = 100;

/** Phases of attempts that last long enough to be told. */
export type LastingPhases = {
  note(attempt: AttemptUuid, phase: Phase): void;
  /** The attempt is over. */
  forget(attempt: AttemptUuid): void;
};

/** Tells the latest phase of each attempt now and then, and nothing of those that are over by then. */
export function tellLastingPhases(
  tell: (attempt: AttemptUuid, phase: Phase) => void,
): LastingPhases {
  const untold = new Map<AttemptUuid, Phase>();
  let timer: NodeJS.Timeout | undefined;

  const tellAll = (): void => {
    timer = undefined;
    for (const [attempt, phase] of untold) tell(attempt, phase);
    untold.clear();
  };

  return {
    note: (attempt, phase) => {
      untold.set(attempt, phase);
      timer ??= setTimeout(tellAll, gatherMilliseconds).unref();
    },
    forget: (attempt) => untold.delete(attempt),
  };
}
