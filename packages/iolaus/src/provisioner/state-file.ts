import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import { blankMemory } from './plan/memory.ts';
import type { Memory } from './plan/memory.ts';

const time = z.number();
const wish = z.object({
  pool: z.string(),
  driver: z.string(),
  offer: z.string(),
  generation: z.string(),
  at: time,
  isCreated: z.boolean(),
  isUnsure: z.boolean(),
});
const drain = z.object({ since: time, because: z.string(), isFinal: z.boolean() });
const machine = z.object({
  pool: z.string(),
  driver: z.string(),
  offer: z.string(),
  firstSeen: time,
  joinedAt: time.nullable(),
  lostSince: time.nullable(),
  drain: drain.nullable(),
});
const offer = z.object({ failures: z.number(), until: time, message: z.string() });
const pool = z.object({
  wanted: z.array(z.object({ at: time, count: z.number() })),
  since: time,
  neverJoined: z.number(),
  brokenUntil: time,
  bootMilliseconds: time.nullable(),
  spent: z.number(),
});
const memorySchema: z.ZodType<Memory> = z.object({
  now: time,
  since: time.nullable(),
  wishes: z.record(z.string(), wish),
  machines: z.record(z.string(), machine),
  offers: z.record(z.string(), offer),
  pools: z.record(z.string(), pool),
  hours: z.record(z.string(), z.number()),
});

/**
 * What was remembered. Of wishes whose driver had not answered nobody knows what became: they are made again, under the
 * same name. A file that is not there or cannot be understood is no memory: then machines are found by their marks alone.
 */
export function readMemory(file: string, logger: Logger): Memory {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return blankMemory;
  }
  try {
    const memory = memorySchema.parse(JSON.parse(text));
    const wishes = Object.entries(memory.wishes).map(([name, one]) => {
      return [name, { ...one, isUnsure: !one.isCreated }] as const;
    });
    return { ...memory, wishes: Object.fromEntries(wishes) };
  } catch (error) {
    const why = describeError(error);
    logger.warn({ file, error: why }, 'what was remembered cannot be read; it is found again');
    return blankMemory;
  }
}

/** It is on the disk when this returns: what is done next may be all that is known of it. */
export function writeMemory(file: string, memory: Memory): void {
  const draft = `${file}.new`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, JSON.stringify(memory));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}
