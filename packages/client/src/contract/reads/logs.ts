import { z } from 'zod';
import { nothing, read, stream } from '../endpoint.ts';
import { pageQuery } from '../paging.ts';
import { foundLines, logLines, logOutline } from '../shapes/log.ts';
import { lineText, text } from '../values.ts';
import { ofStep } from './places.ts';

/** The log of an attempt: as it is, in lines, as it grows. */
export const logReads = {
  readLog: stream('text', {
    path: '/builds/{build}/steps/{step}/log',
    summary: 'The log of an attempt as it is now. Ranges of bytes are understood.',
    address: ofStep,
    query: nothing,
  }),
  readLogOutline: read({
    path: '/builds/{build}/steps/{step}/log/outline',
    summary: 'How long the log of an attempt is, and where its phases begin',
    address: ofStep,
    query: nothing,
    answer: logOutline,
  }),
  readLogLines: read({
    path: '/builds/{build}/steps/{step}/log/lines',
    summary:
      'Lines of a log as they were printed, or as HTML: coloured spans, in which nothing else is left of what it said to a terminal',
    address: ofStep,
    query: z.object({
      from: lineText.default(1),
      limit: pageQuery.shape.limit,
      form: z.enum(['plain', 'html']).default('plain'),
    }),
    answer: logLines,
  }),
  searchLog: read({
    path: '/builds/{build}/steps/{step}/log/search',
    summary: 'Lines of a log that have a text in them, in any case',
    address: ofStep,
    query: z.object({ text, from: lineText.default(1), limit: pageQuery.shape.limit }),
    answer: foundLines,
  }),
  followLog: stream('events', {
    path: '/builds/{build}/steps/{step}/log/live',
    summary:
      'The log as it grows, from `Last-Event-ID` or `offset` on: `text` (its id is the offset after it), `reset`, `end`',
    address: ofStep,
    query: z.object({
      offset: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
  }),
} as const;
