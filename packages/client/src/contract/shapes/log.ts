import { z } from 'zod';

const line = z.int().min(1).describe('Counted from 1');

/** What there is of a log. */
export const logOutline = z
  .object({
    lines: z.int().describe('Those that are whole; of a log that is over the last one, too'),
    offset: z.int().describe('Bytes before the line that comes next'),
    style: z.string().describe("The terminal's style there, as sequences of escapes"),
    bytes: z.int(),
    isOver: z.boolean(),
    phases: z.array(z.object({ name: z.string(), line })).describe('Where they begin'),
  })
  .meta({ id: 'LogOutline' });

/** Some lines of a log. */
export const logLines = z
  .object({
    from: line,
    style: z.string().describe("The terminal's style that goes on into the first one"),
    lines: z
      .array(z.string())
      .describe('Fewer than were asked for where they are long, or no more'),
  })
  .meta({ id: 'LogLines' });

/** Where something was found in a log. */
export const foundLines = z
  .object({
    lines: z.array(line),
    next: line.nullable().describe('Give it as `from` to look further; null at the end'),
  })
  .meta({ id: 'FoundLines' });
