import { z } from 'zod';
import { nothing, read, stream } from '../endpoint.ts';
import { listOf } from '../paging.ts';
import { builder, health, provisioner, queue, share } from '../shapes/farm.ts';
import { topics } from '../topics.ts';

/** The farm as it is now. */
export const farmReads = {
  readHealth: read({
    path: '/health',
    summary: 'Whether the farm is well',
    address: nothing,
    query: nothing,
    answer: health,
  }),
  followEvents: stream('events', {
    path: '/events',
    summary:
      'What changes, from `Last-Event-ID` on: `build`, `step`, `evaluation`, `jobset`, `builds` (many of a jobset), `builders`, `queues`, `ready` (read now what you show), `reset` (too much was missed: read it again)',
    address: nothing,
    query: z.object({ topics }),
  }),
  listBuilders: read({
    path: '/builders',
    summary: 'Machines that have joined the farm, by name',
    address: nothing,
    query: nothing,
    answer: listOf(builder),
  }),
  listProvisioners: read({
    path: '/provisioners',
    summary:
      'Who starts and ends machines, with their pools, what they cost, and why they are so many',
    address: nothing,
    query: nothing,
    answer: listOf(provisioner),
  }),
  listQueues: read({
    path: '/queues',
    summary: 'How much waits and runs for each system',
    address: nothing,
    query: nothing,
    answer: listOf(queue),
  }),
  listShares: read({
    path: '/shares',
    summary: 'What jobsets are due of the machines, and what they had',
    address: nothing,
    query: nothing,
    answer: listOf(share),
  }),
} as const;
