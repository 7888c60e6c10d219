import { setTimeout as sleep } from 'node:timers/promises';
import { followFile } from './growing-log.ts';
import type { LogText } from './growing-log.ts';
import type { LogHandle } from './unpacked-logs.ts';

export type LogPiece =
  | LogText
  /** The file was begun anew: a later attempt. All that was sent is void. */
  | { readonly type: 'reset' }
  /** Nothing was written for a while. */
  | { readonly type: 'quiet' }
  /** The step has ended and everything was sent. */
  | { readonly type: 'end' };

export type TailOptions = {
  /** Undefined while there is no log. */
  readonly open: () => Promise<LogHandle | undefined>;
  /** Bytes that the reader has already. */
  readonly offset: number;
  /** Whether the step has ended. */
  readonly hasEnded: () => boolean;
  /** Stops the tail, which then throws the signal's reason. */
  readonly signal: AbortSignal;
};

// A log that is not begun yet is looked for so often.
const pollMilliseconds = 100;
// The runner may record that a step has ended a moment before it has written the last lines.
const settleMilliseconds = 500;
// Proxies close connections that say nothing, the common ones after a minute.
const quietMilliseconds = 15_000;

/** A log as it grows, for one of those who follow it: from `offset` to the end, which comes when the step has ended. */
export async function* tailLog(options: TailOptions): AsyncGenerator<LogPiece, void, void> {
  const { signal, hasEnded } = options;
  let offset = options.offset;
  let silentSince = performance.now();
  let toldSince = silentSince;
  const file = await openWhenThere(options);
  if (file === undefined) {
    yield { type: 'end' };
    return;
  }
  await using log = await followFile(file);
  for (;;) {
    signal.throwIfAborted();
    const ended = hasEnded();
    // Asked for before it is looked at: nothing that comes meanwhile is waited for.
    const more = log.change();
    if (log.size < offset) {
      offset = 0;
      yield { type: 'reset' };
    }
    const settled = ended && performance.now() - silentSince >= settleMilliseconds;
    const text = await log.read(offset, settled);
    if (text !== undefined) {
      offset = text.offset;
      silentSince = toldSince = performance.now();
      yield text;
      continue;
    }
    if (settled) break;
    if (performance.now() - toldSince >= quietMilliseconds) {
      toldSince = performance.now();
      yield { type: 'quiet' };
    }
    await more;
  }
  yield { type: 'end' };
}

/** Waits for a log that is not begun yet; undefined if the step ends without one. */
async function openWhenThere(options: TailOptions): Promise<LogHandle | undefined> {
  for (;;) {
    const ended = options.hasEnded();
    const file = await options.open();
    if (file !== undefined || ended) return file;
    await sleep(pollMilliseconds, undefined, { signal: options.signal });
  }
}
