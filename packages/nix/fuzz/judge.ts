import { getHeapStatistics } from 'node:v8';
import { DaemonError } from '../src/daemon/daemon-error.ts';
import { NixFormatError } from '../src/format-error.ts';
import type { FuzzTarget } from './fuzz-target.ts';

/**
 * - `wrong-error`: not one of the errors that say what is wrong with the input
 * - `no-place`: the right kind of error, but it does not say where in the input
 * - `slow`: it took longer than an input may
 * - `memory`: it took more memory than an input may
 * - `hang`: it never came back
 */
export type FaultKind = 'wrong-error' | 'no-place' | 'slow' | 'memory' | 'hang';

export type Fault = { readonly kind: FaultKind; readonly message: string };

/** What one input did. */
export type Verdict = { readonly accepted: boolean; readonly fault: Fault | null };

/** Thousands of times what the slowest inputs of this size take. */
const longestParseInMs = 1000;
const mostMemoryPerByte = 10;
/** What a parser may take for itself: its tables, compiled code, an error with its trace. */
const memoryForAnyInputInBytes = 4 * 1024 * 1024;
/** Garbage that others left counts too, so a suspicion has to be seen so often in a row. */
const confirmations = 4;

/** Tries one input. What seems slow or large is tried again, since the machine may have been busy. */
export async function judge(target: FuzzTarget, input: Buffer): Promise<Verdict> {
  let verdict = await tryOnce(target, input);
  for (let again = 1; again < confirmations && isSuspicion(verdict); again += 1)
    verdict = await tryOnce(target, input);
  return verdict;
}

function isSuspicion({ fault }: Verdict): boolean {
  return fault?.kind === 'slow' || fault?.kind === 'memory';
}

async function tryOnce(target: FuzzTarget, input: Buffer): Promise<Verdict> {
  const memoryBefore = memoryInBytes();
  const start = performance.now();
  let fault: Fault | null = null;
  let accepted = true;
  try {
    const parsed = target.parse(input);
    if (parsed !== undefined) await parsed;
  } catch (error) {
    accepted = false;
    fault = judgeError(error, input);
  }
  return { accepted, fault: fault ?? judgeCost(input, performance.now() - start, memoryBefore) };
}

function judgeError(error: unknown, input: Buffer): Fault | null {
  if (error instanceof DaemonError)
    return error.kind === 'protocol' && error.place === null ? withoutPlace(error) : null;
  if (!(error instanceof NixFormatError)) return { kind: 'wrong-error', message: describe(error) };
  const { offset } = error;
  const within = offset !== null && offset >= 0 && offset <= input.length;
  return within && Number.isInteger(offset) ? null : withoutPlace(error, offset);
}

function withoutPlace(error: Error, offset: number | null = null): Fault {
  return { kind: 'no-place', message: `offset ${offset}: ${error.message}` };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function judgeCost(input: Buffer, milliseconds: number, memoryBefore: number): Fault | null {
  if (milliseconds > longestParseInMs)
    return { kind: 'slow', message: `${Math.round(milliseconds)} ms` };
  const taken = memoryInBytes() - memoryBefore;
  const allowed = mostMemoryPerByte * input.length + memoryForAnyInputInBytes;
  if (taken <= allowed) return null;
  return { kind: 'memory', message: `${taken} bytes for an input of ${input.length}` };
}

/** Only grows until the next collection, so the difference is what was allocated in between. */
function memoryInBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
