import { once } from 'node:events';
import { setInterval } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Slot, slotSizeInBytes } from './slot.ts';
import { loadTargets } from './targets.ts';
import type { Finding, Message, TargetCount, Work } from './worker.ts';

export type SessionOptions = Omit<Work, 'slot'> & {
  /** How long an input may take before the thread is given up. */
  readonly hangInMs?: number;
  readonly onProgress?: (counts: readonly TargetCount[], findings: readonly Finding[]) => void;
};

export type SessionReport = {
  readonly counts: readonly TargetCount[];
  readonly findings: readonly Finding[];
};

/** More than ten times what judging gives an input: a busy machine takes it away, too. */
const usualHangInMs = 15_000;
const lookEveryMs = 250;
/** A parser that is told to allocate gigabytes shall end the worker, not the machine. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

/**
 * Tries damaged inputs on all targets in turn, in a thread of its own, so that one that hangs or dies
 * is found too; it ends the session.
 */
export async function runSession({
  onProgress,
  hangInMs = usualHangInMs,
  ...work
}: SessionOptions): Promise<SessionReport> {
  const memory = new SharedArrayBuffer(slotSizeInBytes);
  const slot = new Slot(memory);
  const workerData: Work = { ...work, slot: memory };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    resourceLimits,
  });
  let counts: readonly TargetCount[] = [];
  const findings: Finding[] = [];
  worker.on('message', (message: Message) => {
    if (message.type === 'finding') findings.push(message.finding);
    else counts = message.counts;
    onProgress?.(counts, findings);
  });
  const death = await waitForEnd(worker, slot, hangInMs);
  if (death !== null) findings.push(await findingOf(death, slot, work));
  return { counts, findings };
}

/** Why the worker did not end by itself, or null. */
async function waitForEnd(worker: Worker, slot: Slot, hangInMs: number): Promise<string | null> {
  const ended = new AbortController();
  const exit = once(worker, 'exit').then(
    ([code]): string | null => (code === 0 ? null : `the thread ended with ${code}`),
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  const stuck = watch(slot, hangInMs, ended.signal);
  const reason = await Promise.race([exit, stuck]);
  ended.abort();
  await worker.terminate();
  return reason;
}

/** Resolves once an input takes too long; never, when aborted. */
async function watch(slot: Slot, hangInMs: number, signal: AbortSignal): Promise<string> {
  let turn = slot.turn;
  let since = performance.now();
  try {
    for await (const _ of setInterval(lookEveryMs, null, { signal })) {
      if (slot.turn !== turn || turn % 2 === 0) {
        turn = slot.turn;
        since = performance.now();
      } else if (performance.now() - since > hangInMs) {
        return `not finished after ${hangInMs / 1000} s`;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return new Promise(() => {});
}

async function findingOf(
  message: string,
  slot: Slot,
  { folder, pattern, only }: Pick<Work, 'folder' | 'pattern' | 'only'>,
): Promise<Finding> {
  const { target, number, input } = slot.read();
  const targets = await loadTargets(folder, pattern, only);
  const name = targets[target]?.name ?? 'none';
  return { target: name, number, fault: { kind: 'hang', message }, input };
}
