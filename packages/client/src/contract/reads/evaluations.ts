import { z } from 'zod';
import { nothing, read } from '../endpoint.ts';
import { pageOf, pageQuery } from '../paging.ts';
import { build } from '../shapes/build.ts';
import { comparedBuild, comparison, difference, evaluation } from '../shapes/evaluation.ts';
import { idText } from '../values.ts';
import { inJobset } from './places.ts';

const ofEvaluation = z.object({ evaluation: idText });
const compared = z.object({
  with: idText.optional().describe('Usually the one before, of the same jobset'),
});

/** Evaluations, and what changed between two. */
export const evaluationReads = {
  listEvaluations: read({
    path: '/evaluations',
    summary: 'Evaluations that found something new',
    address: nothing,
    query: inJobset,
    answer: pageOf(evaluation),
  }),
  readEvaluation: read({
    path: '/evaluations/{evaluation}',
    summary: 'An evaluation',
    address: ofEvaluation,
    query: nothing,
    answer: evaluation,
  }),
  listEvaluationBuilds: read({
    path: '/evaluations/{evaluation}/builds',
    summary: 'What an evaluation wants to have built',
    address: ofEvaluation,
    query: pageQuery,
    answer: pageOf(build),
  }),
  compareEvaluation: read({
    path: '/evaluations/{evaluation}/comparison',
    summary: 'How many jobs of an evaluation stand otherwise than in another one',
    address: ofEvaluation,
    query: compared,
    answer: comparison,
  }),
  listDifferences: read({
    path: '/evaluations/{evaluation}/comparison/builds',
    summary: 'The jobs of one kind of difference, by name and system',
    address: ofEvaluation,
    query: pageQuery.extend({ ...compared.shape, difference }),
    answer: pageOf(comparedBuild),
  }),
} as const;
