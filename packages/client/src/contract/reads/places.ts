import { z } from 'zod';
import { pageQuery } from '../paging.ts';
import { idText, text } from '../values.ts';

/** The build that an address names. */
export const ofBuild = z.object({ build: idText });

/** The attempt that an address names. */
export const ofStep = z.object({ build: idText, step: idText });

/** A page of a list that can be narrowed to a project or jobset. */
export const inJobset = pageQuery.extend({ project: text.optional(), jobset: text.optional() });
