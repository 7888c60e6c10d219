import { z } from 'zod';
import { id, time } from '../values.ts';

export const queuedState = z.enum([
  'waiting',
  'unfolding',
  'resolved',
  'runnable',
  'leased',
  'backing-off',
]);

/**
 * What an unfinished step waits for. `builder`: a builder is at it; `ahead`: one has it, and begins it when one of its slots
 * falls free.
 */
export const reason = z.enum([
  'inputs',
  'capable-builder',
  'open-builder',
  'free-slot',
  'unfolding',
  'back-off',
  'builder',
  'ahead',
]);

const jobsetName = z.object({ project: z.string(), jobset: z.string() });

/** An unfinished step. Its number and log it has once a builder has it. */
export const queuedStep = z
  .object({
    derivation: z.string().describe('Base name, as `/queue/steps/{derivation}/why` takes it'),
    name: z.string().describe('Of the package'),
    system: z.string(),
    state: queuedState,
    reason,
    since: time.nullable().describe('It has been runnable, or under way'),
    build: id.nullable().describe('The first one that needed it; null where that is hidden'),
    jobsets: z.array(jobsetName).describe('On whose behalf it is built'),
    globalPriority: z.int(),
    localPriority: z.int(),
    inputs: z.int().describe('That are not built yet'),
    tries: z.int().describe('Attempts that went wrong through no fault of the step'),
    expectedSeconds: z.number().describe('On a machine of speed 1'),
  })
  .meta({ id: 'QueuedStep' });

/** A window of the queue as it was a moment ago. */
export const queueWindow = z.object({
  items: z.array(queuedStep),
  offset: z.int(),
  total: z.int().describe('That fit the filter'),
  seenAt: time,
  next: z.string().nullable().describe('Give it as `cursor` for the next window; null at the end'),
});

const counts = z.object({
  waiting: z.int(),
  runnable: z.int(),
  running: z.int(),
  ahead: z.int().describe('Given to machines that begin them when one of their slots falls free'),
  backingOff: z.int(),
  expectedSeconds: z.number().describe('Of all of them, one after the other, at speed 1'),
});

export const queueGroup = counts
  .extend({ key: z.string().describe('PROJECT:JOBSET, a system, a state or a reason') })
  .meta({ id: 'QueueGroup' });

export const systemQueue = counts
  .extend({
    system: z.string(),
    unsupported: z.int().describe('Runnable, but no machine that has joined can build them'),
    secondsLeft: z
      .number()
      .nullable()
      .describe('Until all is done, with the machines of now; null: there are none'),
  })
  .meta({ id: 'SystemQueue' });

const span = z.object({ earliest: time, latest: time.nullable().describe('Null: nobody knows') });

/** Why something is where it is, for people and for programs. */
export const explanation = z
  .object({
    sentence: z.string(),
    reason: z.enum([...reason.options, 'finished', 'not-read']),
    derivation: z.string().nullable().describe('Base name of the step; null if it is finished'),
    inputs: z.array(z.string()).describe('Base names of what it waits for, a hundred at most'),
    machines: z
      .array(
        z.object({
          name: z.string(),
          reason: z.string().nullable().describe('Why it does not build it; null: it would'),
          sentence: z.string(),
        }),
      )
      .describe('Those that can build it'),
    starts: span.nullable(),
    ends: span.nullable(),
    place: z.int().nullable().describe('Among the runnable steps; null: too far behind, or none'),
    tries: z.int(),
    losses: z.int().describe('Attempts that were lost with their builder'),
  })
  .meta({ id: 'Explanation' });
