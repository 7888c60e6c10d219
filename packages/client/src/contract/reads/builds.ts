import { z } from 'zod';
import { nothing, read } from '../endpoint.ts';
import { listOf, pageOf, pageQuery } from '../paging.ts';
import { build, buildCounts, buildDetail } from '../shapes/build.ts';
import { buildDifference, firstBad, graph } from '../shapes/history.ts';
import { foundPath } from '../shapes/store-path.ts';
import { hashText, idText, text } from '../values.ts';
import { inJobset, ofBuild } from './places.ts';

/** Builds, what became of them, and since when. */
export const buildReads = {
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
    address: nothing,
    query: nothing,
    answer: buildCounts,
  }),
  findStorePaths: read({
    path: '/store-paths',
    summary:
      'Derivations and outputs by the beginning of their hashes, and the newest builds that have them',
    address: nothing,
    query: z.object({ hash: hashText, limit: pageQuery.shape.limit }),
    answer: listOf(foundPath),
  }),
  readBuild: read({
    path: '/builds/{build}',
    summary: 'A build with its outputs, products and metrics',
    address: ofBuild,
    query: nothing,
    answer: buildDetail,
  }),
  readFirstBad: read({
    path: '/builds/{build}/first-bad',
    summary: 'Since when the job of a build fails',
    address: ofBuild,
    query: nothing,
    answer: firstBad,
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
    address: ofBuild,
    query: nothing,
    answer: graph,
  }),
} as const;
