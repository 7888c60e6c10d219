import { z } from 'zod';
import { reason } from '../../api/contract.ts';

const span = z.object({ earliest: z.number(), latest: z.number().nullable() });

/** The runner's answer to `GET /explain`, of which `farm/explain` knows more. Times in milliseconds since the epoch. */
export const explanationSchema = z.object({
  derivation: z.string(),
  why: z.object({
    type: reason,
    inputs: z.array(z.string()).default([]),
    system: z.string().default(''),
    requiredFeatures: z.array(z.string()).default([]),
    failsAt: z.number().optional(),
    until: z.number().optional(),
    since: z.number().optional(),
    builder: z.string().optional(),
  }),
  machines: z.array(
    z.object({ builder: z.string(), hostname: z.string(), reason: z.string().nullable() }),
  ),
  tries: z.number(),
  losses: z.number(),
  jobsets: z.array(z.number()),
  starts: span,
  ends: span,
  place: z.number().nullable(),
});

export type RunnersExplanation = z.output<typeof explanationSchema>;
