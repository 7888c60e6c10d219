import { z } from 'zod';
import { nothing, read, stream } from './endpoint.ts';
import { pageOf, pageQuery } from './paging.ts';
import { build, buildCounts, buildDetail } from './shapes/build.ts';
import { comparedBuild, comparison, difference, evaluation } from './shapes/evaluation.ts';
import { builder, health, provisioner, queue, share } from './shapes/farm.ts';
import { buildDifference, firstBad, graph } from './shapes/history.ts';
import { job, jobset, project } from './shapes/jobset.ts';
import { foundLines, logLines, logOutline } from './shapes/log.ts';
import {
  explanation,
  queuedState,
  queuedStep,
  queueGroup,
  queueWindow,
  reason,
  systemQueue,
} from './shapes/queue.ts';
import { step, stepOfJob } from './shapes/step.ts';
import { foundPath } from './shapes/store-path.ts';
import { topics } from './topics.ts';
import { countText, hashText, idText, lineText, text, timeText } from './values.ts';

const ofProject = z.object({ project: text });
const ofJobset = z.object({ project: text, jobset: text });
const ofEvaluation = z.object({ evaluation: idText });
const ofBuild = z.object({ build: idText });
const ofStep = z.object({ build: idText, step: idText });
const inJobset = pageQuery.extend({ project: text.optional(), jobset: text.optional() });
const compared = z.object({
  with: idText.optional().describe('Usually the one before, of the same jobset'),
});
const itemsOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });

const queueFilter = z.object({
  project: text.optional(),
  jobset: text.optional(),
  system: text.optional(),
  state: queuedState.optional(),
  reason: reason.optional(),
  search: text.optional().describe('A part of the name, in any case'),
});

/** All that can be read. Lists come newest first, or by name where there is no time to it. */
export const reads = {
  readHealth: read({
    path: '/health',
    summary: 'Whether the farm is well',
    ...{ address: nothing, query: nothing, answer: health },
  }),
  listProjects: read({
    path: '/projects',
    summary: 'Projects by name',
    ...{ address: nothing, query: pageQuery, answer: pageOf(project) },
  }),
  readProject: read({
    path: '/projects/{project}',
    summary: 'A project',
    ...{ address: ofProject, query: nothing, answer: project },
  }),
  listJobsets: read({
    path: '/jobsets',
    summary: 'Jobsets by project and name, and how their builds stand',
    ...{ address: nothing, query: inJobset, answer: pageOf(jobset) },
  }),
  readJobset: read({
    path: '/projects/{project}/jobsets/{jobset}',
    summary: 'A jobset',
    ...{ address: ofJobset, query: nothing, answer: jobset },
  }),
  listJobs: read({
    path: '/projects/{project}/jobsets/{jobset}/jobs',
    summary: 'Jobs of the newest evaluation, by name and system',
    address: ofJobset,
    query: pageQuery.extend({ search: text.optional() }),
    answer: pageOf(job),
  }),
  listEvaluations: read({
    path: '/evaluations',
    summary: 'Evaluations that found something new',
    ...{ address: nothing, query: inJobset, answer: pageOf(evaluation) },
  }),
  readEvaluation: read({
    path: '/evaluations/{evaluation}',
    summary: 'An evaluation',
    ...{ address: ofEvaluation, query: nothing, answer: evaluation },
  }),
  listEvaluationBuilds: read({
    path: '/evaluations/{evaluation}/builds',
    summary: 'What an evaluation wants to have built',
    ...{ address: ofEvaluation, query: pageQuery, answer: pageOf(build) },
  }),
  compareEvaluation: read({
    path: '/evaluations/{evaluation}/comparison',
    summary: 'How many jobs of an evaluation stand otherwise than in another one',
    ...{ address: ofEvaluation, query: compared, answer: comparison },
  }),
  listDifferences: read({
    path: '/evaluations/{evaluation}/comparison/builds',
    summary: 'The jobs of one kind of difference, by name and system',
    address: ofEvaluation,
    query: pageQuery.extend({ ...compared.shape, difference }),
    answer: pageOf(comparedBuild),
  }),
  listBuilds: read({
    path: '/builds',
    summary: 'Builds',
    address: nothing,
    query: inJobset.extend({
      status: z.enum(['queued', 'running', 'succeeded', 'failed']).optional(),
      search: text.optional().describe("A part of the job's or the package's name"),
    }),
    answer: pageOf(build),
  }),
  countBuilds: read({
    path: '/builds/counts',
    summary: 'How many builds everybody may know of, as they were some seconds ago',
    ...{ address: nothing, query: nothing, answer: buildCounts },
  }),
  findStorePaths: read({
    path: '/store-paths',
    summary:
      'Derivations and outputs by the beginning of their hashes, and the newest builds that have them',
    address: nothing,
    query: z.object({ hash: hashText, limit: pageQuery.shape.limit }),
    answer: itemsOf(foundPath),
  }),
  readBuild: read({
    path: '/builds/{build}',
    summary: 'A build with its outputs, products and metrics',
    ...{ address: ofBuild, query: nothing, answer: buildDetail },
  }),
  readFirstBad: read({
    path: '/builds/{build}/first-bad',
    summary: 'Since when the job of a build fails',
    ...{ address: ofBuild, query: nothing, answer: firstBad },
  }),
  compareBuild: read({
    path: '/builds/{build}/difference',
    summary: 'What a build has otherwise than another one, usually the last good one of its job',
    address: ofBuild,
    query: z.object({ with: idText.optional() }),
    answer: buildDifference,
  }),
  readGraph: read({
    path: '/builds/{build}/graph',
    summary: 'The steps of a build, done and to be done, and what each needs of the others',
    ...{ address: ofBuild, query: nothing, answer: graph },
  }),
  listBuildSteps: read({
    path: '/builds/{build}/steps',
    summary: 'Attempts that are charged to a build',
    ...{ address: ofBuild, query: pageQuery, answer: pageOf(step) },
  }),
  readStep: read({
    path: '/builds/{build}/steps/{step}',
    summary: 'An attempt',
    ...{ address: ofStep, query: nothing, answer: stepOfJob },
  }),
  readLog: stream('text', {
    path: '/builds/{build}/steps/{step}/log',
    summary: 'The log of an attempt as it is now. Ranges of bytes are understood.',
    ...{ address: ofStep, query: nothing },
  }),
  readLogOutline: read({
    path: '/builds/{build}/steps/{step}/log/outline',
    summary: 'How long the log of an attempt is, and where its phases begin',
    ...{ address: ofStep, query: nothing, answer: logOutline },
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
  followEvents: stream('events', {
    path: '/events',
    summary:
      'What changes, from `Last-Event-ID` on: `build`, `step`, `evaluation`, `jobset`, `builds` (many of a jobset), `builders`, `queues`, `ready` (read now what you show), `reset` (too much was missed: read it again)',
    ...{ address: nothing, query: z.object({ topics }) },
  }),
  listRunningSteps: read({
    path: '/steps/running',
    summary: 'What builders are at, longest first',
    ...{ address: nothing, query: nothing, answer: itemsOf(stepOfJob) },
  }),
  listFinishedSteps: read({
    path: '/steps/finished',
    summary: 'Attempts that are over, the last one first',
    ...{ address: nothing, query: pageQuery, answer: pageOf(stepOfJob) },
  }),
  listAttempts: read({
    path: '/attempts',
    summary: 'Attempts under way, and those that were over since a time, the last one first',
    address: nothing,
    query: pageQuery.extend({ since: timeText, machine: text.optional() }),
    answer: pageOf(stepOfJob),
  }),
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
    answer: itemsOf(queueGroup),
  }),
  listNextSteps: read({
    path: '/queue/next',
    summary: 'What is about to run, in its order',
    ...{ address: nothing, query: nothing, answer: itemsOf(queuedStep) },
  }),
  listSystems: read({
    path: '/queue/systems',
    summary: 'What is to be done for each system, and how long it will take',
    ...{ address: nothing, query: nothing, answer: itemsOf(systemQueue) },
  }),
  explainStep: read({
    path: '/queue/steps/{derivation}/why',
    summary: 'Why an unfinished step is where it is, and when it will probably go on',
    ...{ address: z.object({ derivation: text }), query: nothing, answer: explanation },
  }),
  explainBuild: read({
    path: '/builds/{build}/why',
    summary: 'Why a build is where it is, and when it will probably be done',
    ...{ address: ofBuild, query: nothing, answer: explanation },
  }),
  listBuilders: read({
    path: '/builders',
    summary: 'Machines that have joined the farm, by name',
    ...{ address: nothing, query: nothing, answer: itemsOf(builder) },
  }),
  listProvisioners: read({
    path: '/provisioners',
    summary:
      'Who starts and ends machines, with their pools, what they cost, and why they are so many',
    ...{ address: nothing, query: nothing, answer: itemsOf(provisioner) },
  }),
  listQueues: read({
    path: '/queues',
    summary: 'How much waits and runs for each system',
    ...{ address: nothing, query: nothing, answer: itemsOf(queue) },
  }),
  listShares: read({
    path: '/shares',
    summary: 'What jobsets are due of the machines, and what they had',
    ...{ address: nothing, query: nothing, answer: itemsOf(share) },
  }),
} as const;
