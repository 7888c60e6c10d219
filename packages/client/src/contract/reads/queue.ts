import { z } from 'zod';
import { nothing, read } from '../endpoint.ts';
import { listOf, pageQuery } from '../paging.ts';
import {
  explanation,
  queuedState,
  queuedStep,
  queueGroup,
  queueWindow,
  reason,
  systemQueue,
} from '../shapes/queue.ts';
import { countText, text } from '../values.ts';
import { ofBuild } from './places.ts';

const queueFilter = z.object({
  project: text.optional(),
  jobset: text.optional(),
  system: text.optional(),
  state: queuedState.optional(),
  reason: reason.optional(),
  search: text.optional().describe('A part of the name, in any case'),
});

/** What is to be done, in which order and why. */
export const queueReads = {
  listQueuedSteps: read({
    path: '/queue/steps',
    summary:
      'Unfinished steps: those under way, then those that can start, in their order, then others',
    address: nothing,
    query: pageQuery.extend({ ...queueFilter.shape, offset: countText.optional() }),
    answer: queueWindow,
  }),
  listQueueGroups: read({
    path: '/queue/groups',
    summary: 'How many unfinished steps there are of each jobset, system, state or reason',
    address: nothing,
    query: queueFilter.extend({ by: z.enum(['jobset', 'system', 'state', 'reason']) }),
    answer: listOf(queueGroup),
  }),
  listNextSteps: read({
    path: '/queue/next',
    summary: 'What is about to run, in its order',
    address: nothing,
    query: nothing,
    answer: listOf(queuedStep),
  }),
  listSystems: read({
    path: '/queue/systems',
    summary: 'What is to be done for each system, and how long it will take',
    address: nothing,
    query: nothing,
    answer: listOf(systemQueue),
  }),
  explainStep: read({
    path: '/queue/steps/{derivation}/why',
    summary: 'Why an unfinished step is where it is, and when it will probably go on',
    address: z.object({ derivation: text }),
    query: nothing,
    answer: explanation,
  }),
  explainBuild: read({
    path: '/builds/{build}/why',
    summary: 'Why a build is where it is, and when it will probably be done',
    address: ofBuild,
    query: nothing,
    answer: explanation,
  }),
} as const;
