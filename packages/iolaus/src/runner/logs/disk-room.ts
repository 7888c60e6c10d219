import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Logger } from '../../logging/logger.ts';

/** Has what is to be written wait while the disk is full. */
export type DiskRoom = {
  /** Does the deed, again while there is no space for it; null when it is not wanted any more. */
  awaitFor<Result>(deed: () => Promise<Result>, isWanted: () => boolean): Promise<Result | null>;
};

// Somebody has to free space first, and each try is a write.
const retryMilliseconds = 1_000;

/** Says once that the disk is full, and once that it is not any more. */
export function openDiskRoom(options: {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): DiskRoom {
  const { directory, clock, logger } = options;
  let isFull = false;
  const note = (isNowFull: boolean): void => {
    if (isFull === isNowFull) return;
    isFull = isNowFull;
    if (isFull)
      logger.error({ directory }, 'there is no space left for logs: builds end when there is');
    else logger.info({ directory }, 'there is space for logs again');
  };
  return {
    async awaitFor(deed, isWanted) {
      for (;;) {
        try {
          const result = await deed();
          note(false);
          return result;
        } catch (error) {
          if (!lacksSpace(error)) throw error;
          note(true);
        }
        await sleep(clock, retryMilliseconds);
        if (!isWanted()) return null;
      }
    },
  };
}

function lacksSpace(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
