import { z } from 'zod';
import { id, time } from '../values.ts';
import { build } from './build.ts';
import { queuedState } from './queue.ts';
import { stepStatus } from './step.ts';

/** When a job went wrong. */
export const firstBad = z
  .object({
    lastGood: build.nullable().describe('The newest one before this one that succeeded'),
    firstBad: build.nullable().describe('The first one after that which failed'),
  })
  .meta({ id: 'FirstBad' });

const size = z.number().nullable();
const path = z.string().nullable();

/** What an evaluation of Nix made otherwise; null where one of the derivations is not in the store any more. */
const inputs = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.object({ name: z.string(), before: z.string(), after: z.string() })),
});

export const buildDifference = z
  .object({
    build: id,
    with: build,
    closureSize: z.object({ before: size, after: size }),
    size: z.object({ before: size, after: size }),
    outputs: z.array(z.object({ name: z.string(), before: path, after: path })),
    inputs: inputs.nullable().describe('Base names of derivations and sources'),
  })
  .meta({ id: 'BuildDifference' });

export const graphNode = z
  .object({
    derivation: z.string().describe('Base name'),
    name: z.string(),
    state: z.enum([...queuedState.options, 'finished']),
    status: stepStatus.nullable().describe('Of its newest attempt'),
    attempt: z.object({ build: id, step: z.int() }).nullable().describe('Whose log is there'),
    startedAt: time.nullable(),
    stoppedAt: time.nullable(),
    seconds: z.number().describe('That it took, or is expected to take'),
    isCritical: z.boolean().describe('On the longest way through the graph'),
    inputs: z.array(z.string()).describe('Of this graph'),
  })
  .meta({ id: 'GraphNode' });

export const graph = z
  .object({
    nodes: z.array(graphNode).describe('The build itself first'),
    isCut: z.boolean().describe('There is more than is told'),
    criticalSeconds: z.number(),
  })
  .meta({ id: 'Graph' });
