import { Fault } from '../../fault/fault.ts';
import { createLogger } from '../../logging/logger.ts';
import { openNotifier } from '../../supervision/notifier.ts';
import type { Notifier } from '../../supervision/notifier.ts';
import { failureFields } from '../failure.ts';
import { logLevel } from '../runner/log-level.ts';
import { isSupervised, leaveSupervisor, tellSupervisor, whenToStop } from './supervised.ts';

/** A part at work; `ended` rejects where it cannot go on. */
export type RunningPart = AsyncDisposable & {
  readonly address: string;
  readonly ended?: Promise<void>;
  /** Takes over what has changed in its configuration; throws and goes on as before where that is wrong. */
  reload?(): Promise<void>;
  /** Takes nothing more, and ends when it has done what it began. */
  drain?(): void;
};

/** Tells the service manager of a part that has not started, or works. */
export type PartVoice = {
  /** What a person reads of it in `systemctl status`. */
  status(text: string): void;
  /** It is up, and will begin when it is needed. */
  standsBy(): void;
};

/** Runs a part of the farm until it is told to stop: by its supervisor, or by a signal. */
export async function runPart(
  name: string,
  start: (voice: PartVoice) => Promise<RunningPart>,
): Promise<number> {
  const stop = whenToStop();
  const logger = createLogger({ program: name, level: logLevel(process.env) });
  await using notifier = openNotifier(process.env, logger);
  try {
    await using part = await start({
      status: (text) => void notifier.status(text),
      standsBy: () => {
        console.error(`iolaus ${name}: standing by`);
        void notifier.ready('Standing by');
      },
    });
    if (isSupervised) await tellSupervisor({ type: 'ready', address: part.address });
    else console.error(`iolaus ${name}: ${part.address}`);
    using _reloading = reloadOnHangup(part, notifier, logger);
    using _draining = drainOnSignal(part);
    await notifier.ready('Running');
    await Promise.race(part.ended === undefined ? [stop] : [stop, part.ended]);
    await notifier.stopping();
  } catch (error) {
    if (error instanceof Fault) {
      const { code, message: sentence, remedy = null } = error;
      await tellSupervisor({ type: 'refused', code, sentence, remedy });
    }
    throw error;
  } finally {
    leaveSupervisor();
  }
  return 0;
}

/** SIGHUP asks for it. One after the other: a signal that comes meanwhile is one more look at the file. */
function reloadOnHangup(
  part: RunningPart,
  notifier: Notifier,
  logger: ReturnType<typeof createLogger>,
): Disposable {
  if (part.reload === undefined) return { [Symbol.dispose]: () => {} };
  let turn: Promise<void> = Promise.resolve();
  const reload = async (): Promise<void> => {
    await notifier.reloading();
    try {
      await part.reload?.();
      logger.info({}, 'the configuration was read again');
      await notifier.ready('Configuration reloaded - Running');
    } catch (error) {
      logger.error(failureFields(error), 'the configuration stays as it was');
      await notifier.reloadFailed('Reload failed');
    }
  };
  const onHangup = (): void => {
    turn = turn.then(reload);
  };
  process.on('SIGHUP', onHangup);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', onHangup) };
}

/** SIGUSR2 asks for it: SIGUSR1 is taken by Node's debugger. */
function drainOnSignal(part: RunningPart): Disposable {
  if (part.drain === undefined) return { [Symbol.dispose]: () => {} };
  const onSignal = (): void => part.drain?.();
  process.on('SIGUSR2', onSignal);
  return { [Symbol.dispose]: () => void process.off('SIGUSR2', onSignal) };
}
