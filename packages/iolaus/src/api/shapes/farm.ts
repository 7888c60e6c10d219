import { z } from 'zod';

export const health = z
  .object({
    version: z.string(),
    database: z.literal('ok'),
    runner: z.enum(['ok', 'unreachable', 'unknown']).describe('Unknown: the server has no runner'),
  })
  .meta({ id: 'Health' });

export const builder = z
  .object({
    name: z.string(),
    systems: z.array(z.string()),
    supportedFeatures: z.array(z.string()),
    mandatoryFeatures: z.array(z.string()),
    slots: z.int(),
    running: z.int(),
    derivations: z.array(z.string()).describe('What it is at, base names'),
    load1: z.number(),
    memoryBytes: z.number(),
    memoryUsedBytes: z.number(),
    storeFreePercent: z.number(),
    stepsDone: z.int(),
    succeeded: z.int(),
    failed: z.int(),
    hasCapacity: z.boolean(),
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
