import { z } from 'zod';
import { id, storePath } from '../values.ts';

/** A derivation or an output that some build has. */
export const foundPath = z
  .object({
    path: storePath,
    build: id,
    step: z.int().nullable().describe('The attempt, if it is not of the build itself'),
    job: z.string(),
  })
  .meta({ id: 'FoundPath' });
