import { z } from 'zod';
import { action, nothing, read } from './endpoint.ts';
import { listOf } from './paging.ts';
import { emergency } from './shapes/farm.ts';
import { jobset } from './shapes/jobset.ts';
import { idText, text } from './values.ts';

const noBody = z.undefined();
const ofBuilder = z.object({ name: text });
const ofBuild = z.object({ build: idText });
const ofEvaluation = z.object({ evaluation: idText });
const declaration = z.object({
  preempts: z.boolean().default(false).describe('Stop what is under way where it must be'),
});

/** What people want of machines, and which work they put before all other. */
export const orders = {
  holdBuilder: action({
    method: 'POST',
    path: '/builders/{name}/hold',
    right: 'operate',
    summary: 'Pauses a machine, drains it, or with null lets it go on',
    address: ofBuilder,
    body: z.object({ hold: z.enum(['paused', 'draining']).nullable() }),
    answer: nothing,
  }),
  releaseBuilder: action({
    method: 'POST',
    path: '/builders/{name}/release',
    right: 'operate',
    summary: 'Ends the quarantine of a machine: what it did wrong is forgotten',
    address: ofBuilder,
    body: noBody,
    answer: nothing,
  }),
  setShares: action({
    method: 'PATCH',
    path: '/projects/{project}/jobsets/{jobset}',
    right: 'operate',
    summary: 'Sets what a jobset is due of the machines',
    address: z.object({ project: text, jobset: text }),
    // More than this is no share any more, and `Jobsets.schedulingShares` has 32 bits.
    body: z.object({ schedulingShares: z.int().min(1).max(1_000_000) }),
    answer: jobset,
  }),
  listEmergencies: read({
    path: '/emergencies',
    summary: 'Builds and evaluations that go before everything else',
    address: nothing,
    query: nothing,
    answer: listOf(emergency),
  }),
  declareBuildEmergency: action({
    method: 'POST',
    path: '/builds/{build}/emergency',
    right: 'emergency',
    summary: 'Puts an unfinished build before everything else, with all that it needs',
    address: ofBuild,
    body: declaration,
    answer: nothing,
  }),
  endBuildEmergency: action({
    method: 'DELETE',
    path: '/builds/{build}/emergency',
    right: 'emergency',
    summary: 'Lets a build wait for its turn again',
    address: ofBuild,
    body: noBody,
    answer: nothing,
  }),
  declareEvaluationEmergency: action({
    method: 'POST',
    path: '/evaluations/{evaluation}/emergency',
    right: 'emergency',
    summary: 'Puts all builds of an evaluation before everything else',
    address: ofEvaluation,
    body: declaration,
    answer: nothing,
  }),
  endEvaluationEmergency: action({
    method: 'DELETE',
    path: '/evaluations/{evaluation}/emergency',
    right: 'emergency',
    summary: 'Lets the builds of an evaluation wait for their turn again',
    address: ofEvaluation,
    body: noBody,
    answer: nothing,
  }),
} as const;
