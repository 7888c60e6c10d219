import { z } from 'zod';
import { time } from '../values.ts';

export const health = z
  .object({
    version: z.string(),
    database: z.literal('ok'),
    runner: z.enum(['ok', 'unreachable', 'unknown']).describe('Unknown: the server has no runner'),
  })
  .meta({ id: 'Health' });

const percent = z.number().nullable().describe('Of the last ten seconds; null: not measured');

export const builder = z
  .object({
    name: z.string(),
    systems: z.array(z.string()),
    supportedFeatures: z.array(z.string()),
    mandatoryFeatures: z.array(z.string()),
    slots: z.int(),
    running: z.int(),
    derivations: z.array(z.string()).describe('What it is at, base names'),
    cores: z.int(),
    load1: z.number(),
    pressure: z
      .object({ cpuPercent: percent, memoryPercent: percent, ioPercent: percent })
      .describe('How much of the time something had to wait'),
    memoryBytes: z.number(),
    memoryUsedBytes: z.number(),
    storeFreePercent: z.number(),
    buildDirectoryFreePercent: z.number(),
    stepsDone: z.int(),
    succeeded: z.int(),
    failed: z.int(),
    lastFailureAt: time.nullable(),
    hasCapacity: z.boolean(),
    closed: z
      .string()
      .nullable()
      .describe('Why it gets no work at all: `away`, `draining`, `store-full`, `paused`, …'),
    hold: z.enum(['paused', 'draining']).nullable().describe('What a person wants of it'),
    faults: z.int().describe('Of its own, one after the other'),
    blames: z.int().describe('Steps that went wrong on it and well elsewhere'),
    onTrial: z.boolean().describe('It has to do one step well before it gets more'),
    pausedUntil: time.nullable().describe('After faults of its own'),
    uptimeSeconds: z.number().nullable().describe('Since it has joined; null: it is away'),
    secondsLeft: z.number().nullable().describe('That it has still to do, in all of its slots'),
  })
  .meta({ id: 'Builder' });

/** Unfinished builds of a system. */
export const queue = z
  .object({ system: z.string(), queued: z.int(), running: z.int() })
  .meta({ id: 'Queue' });

export const share = z
  .object({
    project: z.string(),
    jobset: z.string(),
    shares: z.int(),
    usedSeconds: z.number().describe('Build time of the last day'),
  })
  .meta({ id: 'Share' });
