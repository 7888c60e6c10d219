import { z } from 'zod';
import { id, time } from '../values.ts';
import { build } from './build.ts';

export const evaluation = z
  .object({
    id,
    project: z.string(),
    jobset: z.string(),
    evaluatedAt: time,
    evaluationSeconds: z.number(),
    builds: z.int(),
    succeeded: z.int(),
    failed: z.int(),
    unfinished: z.int(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Evaluation' });

/** How a job stands in one evaluation compared with another one. */
export const difference = z.enum([
  'newly-failing',
  'newly-succeeding',
  'still-failing',
  'still-succeeding',
  'aborted',
  'unfinished',
  'new',
  'removed',
]);

export const comparedBuild = build.extend({ difference }).meta({ id: 'ComparedBuild' });

export const comparison = z
  .object({
    evaluation: id,
    with: id.nullable().describe('Null where there is none before'),
    counts: z.record(difference, z.int()),
  })
  .meta({ id: 'Comparison' });
