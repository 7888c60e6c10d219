import { z } from 'zod';
import { id, time } from '../values.ts';

export const project = z
  .object({
    name: z.string(),
    displayName: z.string(),
    description: z.string().nullable(),
    homepage: z.string().nullable(),
    owner: z.string(),
    enabled: z.boolean(),
    hidden: z.boolean(),
  })
  .meta({ id: 'Project' });

/** How the builds of the newest evaluation stand. */
export const counts = z
  .object({ unfinished: z.int(), succeeded: z.int(), failed: z.int() })
  .meta({ id: 'Counts' });

export const jobset = z
  .object({
    id,
    project: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    enabled: z.enum(['disabled', 'enabled', 'one-shot', 'one-at-a-time']),
    hidden: z.boolean(),
    flake: z.string().nullable(),
    schedulingShares: z.int(),
    checkIntervalSeconds: z.int(),
    lastCheckedAt: time.nullable(),
    error: z.string().nullable(),
    builds: counts,
  })
  .meta({ id: 'Jobset' });

export const job = z
  .object({
    project: z.string(),
    jobset: z.string(),
    job: z.string(),
    system: z.string(),
    build: id.describe('The one of the newest evaluation'),
  })
  .meta({ id: 'Job' });
