import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { sayDuration } from '../../provisioner/duration.ts';

/** Asks the provider whether it takes this machine back: when, in milliseconds since the epoch; null: it does not. */
export type AskForNotice = (signal: AbortSignal) => Promise<number | null>;

export type InterruptionWatch = Disposable & {
  /** Resolves when what still runs has to be handed back; not before a notice has come. */
  readonly handBack: Promise<void>;
};

// What Amazon recommends: of two minutes no more than this is lost.
const usualInterval = 5_000;
/** Clocks are apart: nobody gives more notice than this. */
const longestNotice = 120_000;
/** Builds are given up so long before the end: the runner learns of it from us, and not from our silence. */
const handBackMilliseconds = 15_000;

/** Looks until the provider says that it takes the machine back: then the builder drains, for as long as there is time. */
export function watchInterruption(
  ask: AskForNotice,
  options: {
    readonly drain: () => void;
    readonly logger: Logger;
    readonly everyMilliseconds?: number;
  },
): InterruptionWatch {
  const over = new AbortController();
  const { signal } = over;
  const watch = async (): Promise<void> => {
    const at = await waitForNotice(ask, options, signal);
    const left = Math.min(Math.max(at - Date.now(), 0), longestNotice);
    options.logger.warn({}, `the provider takes this machine back in ${sayDuration(left)}`);
    options.drain();
    await sleep(Math.max(0, left - handBackMilliseconds), undefined, { signal });
  };
  // Nobody waits for it any more when it is over.
  const handBack = watch().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return { handBack, [Symbol.dispose]: () => over.abort() };
}

async function waitForNotice(
  ask: AskForNotice,
  {
    logger,
    everyMilliseconds = usualInterval,
  }: { readonly logger: Logger; readonly everyMilliseconds?: number },
  signal: AbortSignal,
): Promise<number> {
  let isSilent = false;
  for (;;) {
    try {
      const at = await ask(AbortSignal.any([signal, AbortSignal.timeout(everyMilliseconds)]));
      if (at !== null) return at;
      isSilent = false;
    } catch (error) {
      signal.throwIfAborted();
      if (!isSilent) logger.warn({ error: describeError(error) }, 'nobody tells of interruptions');
      isSilent = true;
    }
    await sleep(everyMilliseconds, undefined, { signal });
  }
}
