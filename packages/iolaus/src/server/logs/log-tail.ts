import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { countWholeCharacters } from './whole-characters.ts';

export type LogPiece =
  /** Text up to `offset`, in bytes from the beginning of the file. */
  | { readonly type: 'text'; readonly text: string; readonly offset: number }
  /** The file was begun anew: a later attempt. All that was sent is void. */
  | { readonly type: 'reset' }
  /** Nothing was written for a while. */
  | { readonly type: 'quiet' }
  /** The step has ended and everything was sent. */
  | { readonly type: 'end' };

export type TailOptions = {
  /** Undefined while there is no log. */
  readonly open: () => Promise<FileHandle | undefined>;
  /** Bytes that the reader has already. */
  readonly offset: number;
  /** Whether the step has ended. */
  readonly hasEnded: () => boolean;
  /** Stops the tail, which then throws the signal's reason. */
  readonly signal: AbortSignal;
};

// Large enough for a burst of a few hundred lines, small enough to be cut off from a slow reader without loss.
const pieceBytesMax = 64 * 1024;
// A file tells nobody that it grows without costing a watch each; asking ten times a second feels immediate.
const pollMilliseconds = 100;
// The runner may record that a step has ended a moment before it has written the last lines.
const settleMilliseconds = 500;
// Proxies close connections that say nothing, the common ones after a minute.
const quietMilliseconds = 15_000;

/** A log as it grows: from `offset` to the end, which comes when the step has ended. */
export async function* tailLog(options: TailOptions): AsyncGenerator<LogPiece, void, void> {
  const { signal, hasEnded } = options;
  let offset = options.offset;
  let silentSince = performance.now();
  let toldSince = silentSince;
  const log = await openWhenThere(options);
  if (log === undefined) {
    yield { type: 'end' };
    return;
  }
  await using closed = new AsyncDisposableStack();
  closed.defer(() => log.close());
  for (;;) {
    signal.throwIfAborted();
    const ended = hasEnded();
    const { size } = await log.stat();
    if (size < offset) {
      offset = 0;
      yield { type: 'reset' };
    }
    const settled = ended && performance.now() - silentSince >= settleMilliseconds;
    const text = await readText(log, offset, settled);
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
    await sleep(pollMilliseconds, undefined, { signal });
  }
  yield { type: 'end' };
}

/** Waits for a log that is not begun yet; undefined if the step ends without one. */
async function openWhenThere(options: TailOptions): Promise<FileHandle | undefined> {
  for (;;) {
    const ended = options.hasEnded();
    const file = await options.open();
    if (file !== undefined || ended) return file;
    await sleep(pollMilliseconds, undefined, { signal: options.signal });
  }
}

/** The next piece from `offset` on; undefined if there is none. An unfinished character is kept for later, unless `all`. */
async function readText(
  file: FileHandle,
  offset: number,
  all: boolean,
): Promise<Extract<LogPiece, { type: 'text' }> | undefined> {
  const buffer = Buffer.allocUnsafe(pieceBytesMax);
  const { bytesRead } = await file.read(buffer, 0, pieceBytesMax, offset);
  const bytes = buffer.subarray(0, bytesRead);
  const whole = all ? bytesRead : countWholeCharacters(bytes);
  if (whole === 0) return undefined;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, whole));
  return { type: 'text', text, offset: offset + whole };
}
