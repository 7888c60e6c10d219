import { z } from 'zod';

/** Why there is no answer (RFC 9457, `application/problem+json`). */
export const problem = z
  .object({
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('For programs'),
    errors: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .optional()
      .describe('What is wrong with the request, and where'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problem>;
