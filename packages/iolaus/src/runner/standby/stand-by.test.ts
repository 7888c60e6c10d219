import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../clock/system-clock.ts';
import { cancelBuilds } from '../../database/builds/cancel-builds.ts';
import type { Database } from '../../database/connection/connection.ts';
import { testDatabase } from '../../database/testing.ts';
import { queueBuild, queueBuilds, someTime } from '../../database/testing-farm.ts';
import { drv, nameOf, out, shapedDerivations } from '../ingest/testing/shaped-derivations.ts';
import { standBy } from './stand-by.ts';
import type { Standby } from './stand-by.ts';

const logger = pino({ level: 'silent' });
const shape = { app: ['library'], library: ['compiler'], compiler: ['stage'], stage: [], tool: [] };

/** One for which the compiler is built, and whose looks at the queue can be waited for. */
function openStandby(database: Database) {
  const { derivations, read } = shapedDerivations(shape);
  let looked = Promise.withResolvers<void>();
  const standby = standBy({
    database,
    clock: systemClock,
    logger: Object.assign(Object.create(logger), { info: () => looked.resolve() }),
    store: {
      derivations,
      validPaths: async (paths) => new Set(paths.filter((path) => path === out('compiler'))),
    },
  });
  const nextLook = async (): Promise<void> => {
    await looked.promise;
    looked = Promise.withResolvers();
  };
  return { standby, read, nextLook };
}

const keptNames = ({ kept }: Standby): string[] => [...kept.keys()].map(nameOf).toSorted();

test('who stands by reads what is queued down to what is built, and what is added later', async () => {
  await using scene = await testDatabase();
  await queueBuild(scene.database, 'app');
  const { standby, nextLook } = openStandby(scene.database);
  await using _standing = standby;
  await nextLook();
  assert.deepEqual(keptNames(standby), ['app', 'compiler', 'library']);
  assert.deepEqual(standby.kept.get(drv('app'))?.inputs, [drv('library')]);
  await queueBuilds(scene.database, ['tool']);
  await nextLook();
  assert.deepEqual(keptNames(standby), ['app', 'compiler', 'library', 'tool']);
});

test('what no unfinished build needs any more is dropped', async () => {
  await using scene = await testDatabase();
  const { database } = scene;
  const [app = assert.fail()] = await queueBuilds(database, ['app', 'tool']);
  const { standby, read, nextLook } = openStandby(database);
  await using _standing = standby;
  await nextLook();
  read.clear();
  await cancelBuilds(database, [app], someTime);
  await database.query('notify builds_cancelled');
  await nextLook();
  assert.deepEqual(keptNames(standby), ['tool']);
  assert.deepEqual([...read], [], 'and what is known is not read again');
});

test('once it is over nothing is kept that was read by then', async () => {
  await using scene = await testDatabase();
  await queueBuild(scene.database, 'app');
  const { derivations } = shapedDerivations(shape);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<ReadonlySet<never>>();
  const validPaths = (): Promise<ReadonlySet<never>> => {
    asked.resolve();
    return answer.promise;
  };
  const { database } = scene;
  const store = { derivations, validPaths };
  const standby = standBy({ database, store, clock: systemClock, logger });
  await asked.promise;
  const over = standby[Symbol.asyncDispose]();
  answer.resolve(new Set());
  await over;
  assert.equal(standby.kept.size, 0);
});
