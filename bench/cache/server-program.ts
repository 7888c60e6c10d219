import { startFakeS3 } from '../../packages/iolaus/src/cache/testing/fake-s3.ts';
import { serveObjects } from '../../packages/iolaus/src/cache/testing/serve-objects.ts';
import { startS3rver } from '../../packages/iolaus/src/cache/testing/start-s3rver.ts';

const servers = {
  s3rver: startS3rver,
  'slow-fake': () => startFakeS3({ latencyMilliseconds: 50 }),
  objects: serveObjects,
};

/** Which server a bench wants in a process of its own. */
export type ServerKind = keyof typeof servers;

const kind = Object.keys(servers).find((known): known is ServerKind => known === process.argv[2]);
const server = await servers[kind ?? 's3rver']();
process.send?.(server.endpoint);
process.once('disconnect', () => void server[Symbol.asyncDispose]());
