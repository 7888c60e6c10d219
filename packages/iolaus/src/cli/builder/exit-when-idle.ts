import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Fault } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { parseDuration, sayDuration } from '../../provisioner/duration.ts';

export type IdleExit = Disposable & {
  /** The builder holds so many attempts. */
  note(held: number): void;
  /** Resolves when what is to be done after the builder has ended has been; at once where it ended for another reason. */
  afterwards(): Promise<void>;
};

/** Where machines that are not needed cost money: after so long without work the builder drains, and then a command runs. */
export function exitWhenIdle(
  milliseconds: number,
  options: {
    readonly drain: () => void;
    readonly hook: string | undefined;
    readonly logger: Logger;
  },
): IdleExit {
  const { drain, hook, logger } = options;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    logger.info({}, `there was nothing to do for ${sayDuration(milliseconds)}; leaving`);
    drain();
  };
  const note = (held: number): void => {
    clearTimeout(timer);
    timer = held === 0 && !isOver ? setTimeout(end, milliseconds) : undefined;
  };
  note(0);
  return {
    note,
    async afterwards() {
      if (!isOver || hook === undefined) return;
      logger.info({ hook }, 'running what comes afterwards');
      const [status] = await once(spawn('/bin/sh', ['-c', hook], { stdio: 'inherit' }), 'close');
      if (status !== 0) logger.error({ hook, status }, 'what comes afterwards went wrong');
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** Throws `Fault` for what is no time; null where nothing is wanted. */
export function parseIdleTime(text: string | undefined): number | null {
  if (text === undefined) return null;
  const milliseconds = parseDuration(text);
  // A timer of more than 24 days would go off at once.
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
  throw new Fault('bad-usage', `--exit-when-idle is '${text}', which is not a time`, {
    remedy: 'Give a time such as 90s, 15m or 2h, 24 days at most.',
  });
}
