import { z } from 'zod';
import { id, storePath, time } from '../values.ts';
import { output } from './output.ts';

export const stepStatus = z.enum([
  'running',
  'succeeded',
  'failed',
  'aborted',
  'cancelled',
  'timed-out',
  'cached-failure',
  'unsupported',
  'log-limit-exceeded',
  'output-limit-exceeded',
  'not-deterministic',
  'resolved',
]);

/** An attempt at a derivation: each has a row and a log of its own. */
export const step = z
  .object({
    build: id,
    number: z.int(),
    type: z.enum(['build', 'substitution']),
    derivation: storePath,
    system: z.string().nullable(),
    machine: z.string().nullable(),
    status: stepStatus,
    phase: z
      .enum([
        'preparing',
        'connecting',
        'sending-inputs',
        'building',
        'waiting-for-local-slot',
        'receiving-outputs',
        'post-processing',
      ])
      .nullable()
      .describe('Of running steps only'),
    error: z.string().nullable(),
    startedAt: time.nullable(),
    stoppedAt: time.nullable(),
    overheadMilliseconds: z.number().nullable().describe('Spent on moving inputs and outputs'),
    outputs: z.array(output),
    origin: z
      .object({ build: id, step: z.int().nullable() })
      .nullable()
      .describe('The step of another build that really failed'),
    resolution: z
      .object({
        derivation: storePath,
        step: z
          .object({ build: id, step: z.int() })
          .nullable()
          .describe('Its newest attempt that succeeded or goes on'),
        wasBuilt: z.boolean().describe('It was built before: early cut-off'),
      })
      .nullable()
      .describe('What the derivation turned out to be, of resolved steps only'),
    hasLog: z.boolean().describe('It wrote one of its own'),
  })
  .meta({ id: 'Step' });

export const stepOfJob = step
  .extend({ project: z.string(), jobset: z.string(), job: z.string() })
  .meta({ id: 'StepOfJob' });
