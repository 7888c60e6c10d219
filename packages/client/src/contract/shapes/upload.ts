import { z } from 'zod';
import { time } from '../values.ts';

/** Something that is to be published, to one store. */
export const upload = z
  .object({
    id: z.int().min(1),
    store: z.string().describe('Its address, without parameters and passwords'),
    derivation: z.string().describe('Base name'),
    outputs: z.array(z.string()).describe('Base names; none: its log alone'),
    tries: z.int().describe('So far, in vain'),
    notBefore: time.nullable().describe('When it is tried next; null: as soon as it can be'),
    error: z.string().nullable().describe('What the last try ended with'),
    givenUp: z.boolean().describe('It is not tried again by itself'),
  })
  .meta({ id: 'Upload' });

export const retried = z
  .object({ uploads: z.array(z.int()).describe('Those that are tried again') })
  .meta({ id: 'RetriedUploads' });
