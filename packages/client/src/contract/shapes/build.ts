import { z } from 'zod';
import { id, storePath, time } from '../values.ts';
import { output } from './output.ts';
import { step } from './step.ts';

export const buildStatus = z.enum([
  'queued',
  'running',
  'succeeded',
  'failed',
  'dependency-failed',
  'failed-with-output',
  'aborted',
  'cancelled',
  'timed-out',
  'unsupported',
  'log-limit-exceeded',
  'output-limit-exceeded',
  'not-deterministic',
]);

export const build = z
  .object({
    id,
    project: z.string(),
    jobset: z.string(),
    job: z.string(),
    name: z.string().nullable().describe('Name of the package'),
    system: z.string(),
    derivation: storePath,
    status: buildStatus,
    cached: z.boolean().describe('Nothing was built for it: the result was there'),
    queuedAt: time,
    startedAt: time.nullable(),
    stoppedAt: time.nullable(),
  })
  .meta({ id: 'Build' });

export const product = z
  .object({
    number: z.int(),
    type: z.string(),
    subtype: z.string(),
    name: z.string(),
    path: storePath.nullable(),
    fileSize: z.number().nullable().describe('Bytes'),
    sha256: z.string().nullable(),
    href: z.string().nullable().describe('Null where it is not in the store any more'),
  })
  .meta({ id: 'Product' });

export const metric = z
  .object({ name: z.string(), value: z.number(), unit: z.string().nullable() })
  .meta({ id: 'Metric' });

export const buildDetail = build
  .extend({
    description: z.string().nullable(),
    evaluation: id.nullable().describe('The first one that wanted it'),
    priority: z.int(),
    globalPriority: z.int(),
    timeoutSeconds: z.int().nullable(),
    maxSilentSeconds: z.int().nullable(),
    size: z.number().nullable().describe('Bytes of its outputs'),
    closureSize: z.number().nullable().describe('Bytes of its outputs and all that they need'),
    releaseName: z.string().nullable(),
    outputs: z.array(output),
    products: z.array(product),
    metrics: z.array(metric),
    standIn: step
      .nullable()
      .describe('The step of another build that does, or did, the work of this one'),
  })
  .meta({ id: 'BuildDetail' });

/** How many builds there are; `failed` is whatever ended otherwise than well. */
export const buildCounts = z
  .object({ queued: z.int(), running: z.int(), succeeded: z.int(), failed: z.int() })
  .meta({ id: 'BuildCounts' });
