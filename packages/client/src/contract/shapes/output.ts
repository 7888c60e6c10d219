import { z } from 'zod';
import { storePath } from '../values.ts';

export const output = z
  .object({ name: z.string(), path: storePath.nullable() })
  .meta({ id: 'Output' });
