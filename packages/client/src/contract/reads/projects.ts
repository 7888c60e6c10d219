import { z } from 'zod';
import { nothing, read } from '../endpoint.ts';
import { pageOf, pageQuery } from '../paging.ts';
import { job, jobset, project } from '../shapes/jobset.ts';
import { text } from '../values.ts';
import { inJobset } from './places.ts';

const ofProject = z.object({ project: text });
const ofJobset = z.object({ project: text, jobset: text });

/** Projects, jobsets and their jobs, by name. */
export const projectReads = {
  listProjects: read({
    path: '/projects',
    summary: 'Projects by name',
    address: nothing,
    query: pageQuery,
    answer: pageOf(project),
  }),
  readProject: read({
    path: '/projects/{project}',
    summary: 'A project',
    address: ofProject,
    query: nothing,
    answer: project,
  }),
  listJobsets: read({
    path: '/jobsets',
    summary: 'Jobsets by project and name, and how their builds stand',
    address: nothing,
    query: inJobset,
    answer: pageOf(jobset),
  }),
  readJobset: read({
    path: '/projects/{project}/jobsets/{jobset}',
    summary: 'A jobset',
    address: ofJobset,
    query: nothing,
    answer: jobset,
  }),
  listJobs: read({
    path: '/projects/{project}/jobsets/{jobset}/jobs',
    summary: 'Jobs of the newest evaluation, by name and system',
    address: ofJobset,
    query: pageQuery.extend({ search: text.optional() }),
    answer: pageOf(job),
  }),
} as const;
