import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import { LatestStatus } from './latest-status.ts';

/** Tells the service manager how it goes, where there is one (`NOTIFY_SOCKET`). Nothing here ever throws. */
export interface Notifier extends AsyncDisposable {
  /** What a person reads in `systemctl status`; of many in short order only the last is told. */
  status(text: string): Promise<void>;
  /** From now on the manager also hears that we are alive, where it wants to (`WATCHDOG_USEC`). */
  ready(status: string): Promise<void>;
  /** To be followed by `ready` or by `reloadFailed`. */
  reloading(): Promise<void>;
  reloadFailed(status: string): Promise<void>;
  stopping(): Promise<void>;
}

// What the manager takes to hear of us; a program that never ends must not hold up ours.
const tellMillisecondsMax = 5_000;

/**
 * Node has no datagram sockets of the Unix kind, so that `systemd-notify` does the telling: as another process than ours,
 * which the manager hears with `NotifyAccess=all` only.
 */
export function openNotifier(environment: NodeJS.ProcessEnv, logger: Logger): Notifier {
  if (!environment['NOTIFY_SOCKET']) return silent;
  const watchdogMilliseconds = Number(environment['WATCHDOG_USEC'] ?? 0) / 1_000;
  let complained = false;
  let watchdog: NodeJS.Timeout | undefined;

  const tell = async (...words: readonly string[]): Promise<void> => {
    try {
      await runNotify(words, environment);
    } catch (error) {
      if (!complained) {
        logger.warn({ error: describeError(error) }, 'systemd-notify does not reach systemd');
      }
      complained = true;
    }
  };

  const latest = new LatestStatus((text) => tell(`STATUS=${oneLine(text)}`));

  return {
    status: (text) => latest.tell(text),
    async ready(status) {
      // Half the time that is allowed, as systemd advises.
      if (watchdogMilliseconds > 0) {
        watchdog ??= setInterval(() => void tell('WATCHDOG=1'), watchdogMilliseconds / 2);
      }
      await tell('READY=1', `STATUS=${oneLine(status)}`);
    },
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`),
    reloadFailed: (status) => tell('READY=1', `STATUS=${oneLine(status)}`, 'ERRNO=1'),
    stopping: () => tell('STOPPING=1'),
    async [Symbol.asyncDispose]() {
      clearInterval(watchdog);
      await latest.close();
    },
  };
}

const nothing = (): Promise<void> => Promise.resolve();

const silent: Notifier = {
  status: nothing,
  ready: nothing,
  reloading: nothing,
  reloadFailed: nothing,
  stopping: nothing,
  [Symbol.asyncDispose]: nothing,
};

async function runNotify(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('systemd-notify', words, {
    env: environment,
    stdio: 'ignore',
    timeout: tellMillisecondsMax,
  });
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`it ended with status ${child.exitCode}`);
}

/** The manager's messages are lines. */
const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');
