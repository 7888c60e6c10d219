import { fencedDatabase } from '../database/lead.ts';
import type { Lead } from '../database/lead.ts';
import type { Logger } from '../logging/logger.ts';
import type { KeptFacts } from '../runner/store/derivations.ts';
import { UploadQueue } from '../runner/uploads/upload-queue.ts';
import type { RunnerDoors } from '../runner/doors.ts';
import type { Publish } from './caches.ts';
import { countingFarm } from './counting-farm.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** Few, so that some have to wait. */
const uploadsMax = 2;

/** What stands behind the doors of a runner in a made-up world, for one of its lives. */
export function madeUpDoors(
  world: World,
  life: Life,
  {
    term,
    kept,
    publish,
  }: { readonly term: number; readonly kept: KeptFacts; readonly publish: Publish },
): RunnerDoors {
  const { clock } = life;
  const database = fencedDatabase(world.server.openDatabase(life), leadOf(term));
  const logger = tellingLogger(world, life, 'runner');
  const { caches: stores } = world.plan;
  const destinations = { stores, storesFor: () => stores, publish, [Symbol.dispose]: () => {} };
  return {
    clock,
    makeUuid: life.makeUuid,
    database,
    term,
    store: world.store.open(life, kept),
    logFiles: forgetful,
    uploads: new UploadQueue({ database, destinations, limit: () => uploadsMax, clock, logger }),
    logger,
    createFarm: countingFarm(
      (what) => world.happened(what),
      () => world.watch.farmChanged(),
    ),
    serve: world.gate.serve(life),
  };
}

/** Whether it still leads is the seat's to know. */
const leadOf = (term: number): Lead => ({
  term,
  lost: new Promise(() => {}),
  [Symbol.asyncDispose]: async () => {},
});

/** Nobody reads the logs of this world. */
const forgetful: RunnerDoors['logFiles'] = {
  bytes: async () => 0,
  write: async (_name, { data }) => {
    for await (const _ of data);
    return true;
  },
  finish: async () => {},
  sweep: async () => {},
};

/** Only what is worth a line in a story. */
export function tellingLogger(world: World, life: Life, who: string): Logger {
  const tell = (level: string) => (fields: object, message: string) => {
    if (!life.isOver) world.tell(who, `${level}: ${message} ${JSON.stringify(fields)}`);
  };
  const quiet = (): void => {};
  return { debug: quiet, info: quiet, warn: tell('warning'), error: tell('error') };
}
