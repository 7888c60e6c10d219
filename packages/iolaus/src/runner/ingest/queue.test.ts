import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Database } from '../../database/connection/connection.ts';
import { recordEvaluation } from '../../database/evaluations/record-evaluation.ts';
import { testDatabase } from '../../database/testing.ts';
import { addJobset, evaluationOf, jobNamed, queueBuilds } from '../../database/testing-farm.ts';
import { Queue } from './queue.ts';
import type { NoteFound } from './record-found.ts';
import type { GraphSources } from './unfinished-graph.ts';

const added = new Set(['builds-added'] as const);
const changed = new Set(['builds-changed'] as const);

/** A queue whose derivations cannot be read: the farm is told so of each build that is taken. */
function openQueue(database: Database, noteFound: NoteFound = async () => {}) {
  const taken: number[] = [];
  const complaints: string[] = [];
  const absent = (): never => {
    throw new Error('absent');
  };
  const sources: GraphSources = {
    derivations: {
      read: absent,
      facts: absent,
      dropKept: () => {},
      outputs: absent,
      isNamed: absent,
      resolve: absent,
    },
    validPaths: async () => new Set(),
    failedBefore: async () => new Set(),
    learnOutputs: async () => {},
    resolutions: async () => new Map(),
    retryPlan: () => undefined,
    isStep: () => false,
    isUnderWay: () => false,
    substitute: async () => [],
    claim: async () => new Set(),
  };
  const queue = new Queue({
    database,
    decisions: {
      submit: async (event) => {
        if (event.type === 'build-unreadable') taken.push(event.build.id);
      },
    },
    sources,
    splitBySources: async (builds) => [{ builds, sources }],
    results: { read: absent },
    retryPlans: { dropUnneeded: async () => {} },
    noteSubstituted: async () => {},
    noteFound,
    unfolding: { dropUnneeded: async () => {} },
    logger: pino(
      { level: 'error' },
      { write: (line) => complaints.push(String(JSON.parse(line).msg)) },
    ),
  });
  return { queue, taken, complaints };
}

test('builds that were added before others, but could be seen only after them, are taken', async () => {
  await using scene = await testDatabase();
  const { database } = scene;
  const { queue, taken } = openQueue(database);
  const slow = await addJobset(database, 'project', 'slow');
  const quick = await addJobset(database, 'project', 'quick');
  const early = await database.transaction(async (transaction) => {
    const ids = await recordEvaluation(transaction, evaluationOf(slow, [jobNamed('early')]));
    const late = await queueBuilds(database, ['late'], quick);
    await queue.follow(added);
    assert.deepEqual(taken, late);
    return ids;
  });
  queue.noteAdded(early[0] ?? assert.fail());
  await queue.follow(added);
  assert.deepEqual(taken.slice(1), early);
});

test('a build is taken once', async () => {
  await using scene = await testDatabase();
  const { queue, taken } = openQueue(scene.database);
  const builds = await queueBuilds(scene.database, ['one', 'two']);
  await queue.follow(added);
  queue.noteAdded(builds[0] ?? assert.fail());
  await queue.follow(added);
  assert.deepEqual(taken, builds);
});

test('a build without a derivation is told of once, and holds up no other', async () => {
  await using scene = await testDatabase();
  const { database } = scene;
  const { queue, taken, complaints } = openQueue(database);
  const [bad = assert.fail(), good] = await queueBuilds(database, ['bad', 'good']);
  await database.query(`update builds set drvpath = 'nowhere' where id = $1`, [bad]);
  await queue.follow(added);
  await queue.follow(changed);
  assert.deepEqual(taken, [good]);
  assert.deepEqual(complaints, ['the derivation of a build is no path of one']);
});

test('builds of which not all could be recorded that was found are read again', async () => {
  await using scene = await testDatabase();
  const noted: number[][] = [];
  const { queue, taken } = openQueue(scene.database, async (builds) => {
    noted.push(builds.map(({ id }) => id));
    if (noted.length === 1) throw new Error('the database is away');
  });
  const builds = await queueBuilds(scene.database, ['one', 'two']);
  await assert.rejects(queue.follow(added), { message: 'the database is away' });
  assert.deepEqual(taken, []);
  await queue.follow(added);
  assert.deepEqual([noted, taken], [[builds, builds], builds]);
});
