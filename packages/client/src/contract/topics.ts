import { z } from 'zod';

// What a page shows at once.
const topicsMax = 50;

const topic = z
  .string()
  .regex(
    /^(builds|steps|evaluations|jobsets|builders|queues|(build|evaluation):[1-9]\d{0,8}|jobset:[^:\0]{1,200}:[^\0]{1,200})$/,
    'is no topic',
  );

/** What somebody wants to hear of. */
export const topics = z
  .string()
  .transform((value) => value.split(','))
  .pipe(z.array(topic).max(topicsMax))
  .describe(
    'With commas between: `builds`, `steps`, `evaluations`, `jobsets`, `builders`, `queues`, `build:ID`, `evaluation:ID`, `jobset:PROJECT:NAME`',
  );
