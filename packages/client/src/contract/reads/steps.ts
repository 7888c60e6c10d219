import { nothing, read } from '../endpoint.ts';
import { listOf, pageOf, pageQuery } from '../paging.ts';
import { step, stepOfJob } from '../shapes/step.ts';
import { text, timeText } from '../values.ts';
import { ofBuild, ofStep } from './places.ts';

/** Attempts at steps. */
export const stepReads = {
  listBuildSteps: read({
    path: '/builds/{build}/steps',
    summary: 'Attempts that are charged to a build',
    address: ofBuild,
    query: pageQuery,
    answer: pageOf(step),
  }),
  readStep: read({
    path: '/builds/{build}/steps/{step}',
    summary: 'An attempt',
    address: ofStep,
    query: nothing,
    answer: stepOfJob,
  }),
  listRunningSteps: read({
    path: '/steps/running',
    summary: 'What builders are at, longest first',
    address: nothing,
    query: nothing,
    answer: listOf(stepOfJob),
  }),
  listFinishedSteps: read({
    path: '/steps/finished',
    summary: 'Attempts that are over, the last one first',
    address: nothing,
    query: pageQuery,
    answer: pageOf(stepOfJob),
  }),
  listAttempts: read({
    path: '/attempts',
    summary: 'Attempts under way, and those that were over since a time, the last one first',
    address: nothing,
    query: pageQuery.extend({ since: timeText, machine: text.optional() }),
    answer: pageOf(stepOfJob),
  }),
} as const;
