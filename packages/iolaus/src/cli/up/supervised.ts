import type { FaultCode } from '../../fault/catalogue.ts';
import type { RunnerProgress } from '../../runner/attempts/progress.ts';

/** What a part of the farm tells the process that started it. */
export type FromPart =
  | { readonly type: 'ready'; readonly address: string }
  | { readonly type: 'progress'; readonly progress: RunnerProgress }
  /** It cannot start, and starting it again would not help. */
  | {
      readonly type: 'refused';
      readonly code: FaultCode;
      readonly sentence: string;
      readonly remedy: string | null;
    };

/** What it is told. */
export type ToPart = { readonly type: 'stop' };

export const isSupervised = process.send !== undefined;

/** Resolves when it is on its way, or when there is nobody to tell. */
export function tellSupervisor(message: FromPart): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

/**
 * Resolves when this process is to stop: told by who started it, or by a signal where nobody started it. Under a
 * supervisor an interrupt at the terminal is the supervisor's to deal with; and if that dies, this process ends at once.
 */
export function whenToStop(): Promise<void> {
  return new Promise((resolve) => {
    if (isSupervised) {
      process.on('SIGINT', () => {});
      process.on('message', (message: ToPart) => {
        if (message.type === 'stop') resolve();
      });
      process.on('disconnect', endOrphaned);
      if (!process.connected) endOrphaned();
    } else {
      process.on('SIGINT', resolve);
    }
    process.on('SIGTERM', resolve);
  });
}

/** The channel to the supervisor would keep this process alive. */
export function leaveSupervisor(): void {
  process.off('disconnect', endOrphaned);
  if (process.connected) process.disconnect();
}

/**
 * The database and the daemon have died with the supervisor, so that an orderly end would wait for them; by then the next
 * supervisor may have started others in its place.
 */
function endOrphaned(): void {
  process.exit(1);
}
