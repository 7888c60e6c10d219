import type { DaemonEvent, EventListener } from './event.ts';
import { readEvent } from './read-event.ts';
import type { Message } from './messages.ts';

/**
 * Who wants to hear what a daemon tells while it works. While a returned promise is pending the daemon isn't heard,
 * and will stop the builder when its pipes are full. An error thrown ends the connection, and cancels the build.
 */
export type Listener = {
  /** A line, without its newline, of what the builder says, or the daemon itself. Any bytes. */
  readonly onLog?: (line: Uint8Array) => void | Promise<void>;
  /** The builder says which phase it is in. */
  readonly onPhase?: (phase: string) => void;
  /** Everything, log lines and phases included. */
  readonly onEvent?: EventListener;
};

/** Whether anybody listens. */
export function isHeard({ onLog, onPhase, onEvent }: Listener): boolean {
  return onLog !== undefined || onPhase !== undefined || onEvent !== undefined;
}

/** Tells a message to whom it concerns; what is returned has to be awaited. */
export function tell(listener: Listener, message: Message): Promise<void> | undefined {
  const event = readEvent(message);
  if (event === null) return undefined;
  const heard = [listener.onEvent?.(event), tellLog(listener, event)];
  const pending = heard.filter((promise) => promise !== undefined);
  return pending.length === 0 ? undefined : all(pending);
}

async function all(pending: readonly Promise<void>[]): Promise<void> {
  await Promise.all(pending);
}

function tellLog({ onLog, onPhase }: Listener, event: DaemonEvent): void | Promise<void> {
  if (event.type === 'phase') onPhase?.(event.phase);
  if (event.type === 'log-line') return onLog?.(event.line);
  if (event.type === 'text' && onLog !== undefined) return tellLines(onLog, event.text);
  return undefined;
}

async function tellLines(onLog: NonNullable<Listener['onLog']>, text: Uint8Array): Promise<void> {
  for (const line of splitLines(text)) await onLog(line);
}

/** Text of the daemon ends with a newline, mostly, and may have more than one. */
function splitLines(text: Uint8Array): Uint8Array[] {
  const newline = 0x0a;
  const lines: Uint8Array[] = [];
  for (let start = 0; start < text.length;) {
    const found = text.indexOf(newline, start);
    const end = found === -1 ? text.length : found;
    lines.push(text.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
