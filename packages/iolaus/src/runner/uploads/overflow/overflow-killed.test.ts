import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FaultyServer, SeenRequest } from '../../../cache/testing/faulty-server.ts';
import { startIolaus } from '../../../testing/iolaus-process.ts';
import type { IolausProcess } from '../../../testing/iolaus-process.ts';
import {
  assertAllTrue,
  build,
  buildElsewhere,
  has,
  lib,
  openScene,
  published,
  rootsIn,
} from './testing/overflow-scene.ts';
import type { Scene } from './testing/overflow-scene.ts';

/** As a process, which can be killed. */
async function startRunner({ s3, farm, settings }: Scene): Promise<IolausProcess> {
  const file = join(farm.folder, 'config.toml');
  const { store, jobsets } = settings.overflowStore;
  await writeFile(
    file,
    `remoteStoreAddr = ${JSON.stringify(settings.remoteStoreAddr)}
    usePresignedUploads = true
    rootsDir = ${JSON.stringify(rootsIn(farm))}
    overflowStore = { store = ${JSON.stringify(store)}, jobsets = ${JSON.stringify(jobsets)} }`,
  );
  const places = ['--db-url', farm.databaseUrl, '--data-dir', farm.folder];
  const doors = ['--grpc-bind', join(farm.folder, 'runner'), '--rest-bind', '127.0.0.1:0'];
  const runner = startIolaus(['runner', '--config-path', file, ...places, ...doors], {
    environment: { ...farm.daemon.environment, ...s3.environment },
  });
  await runner.told(/iolaus runner: unix/);
  return runner;
}

/** Resolves at the first request of a kind; the server carries out all of that kind for nobody, or not at all. */
function strikeAt(
  server: FaultyServer,
  isIt: (request: SeenRequest) => boolean,
  fault: 'reset' | 'answer-lost',
): Promise<void> {
  const reached = Promise.withResolvers<void>();
  server.inject((request) => {
    if (!isIt(request)) return null;
    reached.resolve();
    return fault;
  });
  return reached.promise;
}

async function kill(runner: IolausProcess): Promise<void> {
  runner.signal('SIGKILL');
  assert.equal((await runner.ended).signal, 'SIGKILL');
}

const puts =
  (pattern: RegExp) =>
  ({ method, key }: SeenRequest): boolean =>
    method === 'PUT' && pattern.test(key);

test('a copy from the overflow store goes on where a killed runner left it', async () => {
  await using scene = await openScene();
  const { s3, farm } = scene;
  await using first = await startRunner(scene);
  const endpoint = `unix://${join(farm.folder, 'runner')}`;
  const path = await buildElsewhere(farm, endpoint, 'staging');
  await using _builder = await farm.startBuilder(endpoint, { apart: true });
  const dependent = `let ${lib} in { app = run "app" "cat \${lib}/file > $out" {}; }`;
  const archiveSent = strikeAt(s3, puts(/^nar\//), 'answer-lost');
  const wanted = build(farm, dependent, 'jobset');
  await archiveSent;
  await kill(first);
  // Before the next one starts: it may be there quickly.
  const narinfoSent = strikeAt(s3, puts(/\.narinfo$/), 'reset');
  await using second = await startRunner(scene);
  await narinfoSent;
  await kill(second);
  assert.ok(!(await has(s3, path)));
  s3.inject(() => null);
  await using _third = await startRunner(scene);
  const { build: app } = await wanted;
  assert.equal((await farm.steps(app)).filter(({ status }) => status === 0).length, 1);
  await published(farm);
  assert.ok(await has(s3, path));
  await assertAllTrue(scene);
});
