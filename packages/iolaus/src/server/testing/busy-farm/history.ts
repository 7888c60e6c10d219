import type { Database } from '../../../database/connection/connection.ts';
import { readBuild } from '../../../database/reads/read-build.ts';
import { stepStatusNumber } from '../../../database/status.ts';
import { insertFinishedSteps } from '../../../database/steps/insert-finished-steps.ts';
import type { BuildId } from '../../../farm/identity.ts';
import { derivationOf } from '../scene.ts';
import type { Scene } from '../scene.ts';
import { writeDerivation } from '../write-derivation.ts';

/** What each of the shop's steps needs, in an order in which they can be built. */
const inputsOf: Readonly<Record<string, readonly string[]>> = {
  compiler: [],
  'http-library': ['compiler'],
  'database-client': ['compiler'],
  'image-tools': ['compiler'],
  catalogue: ['database-client', 'image-tools'],
  checkout: ['http-library', 'database-client'],
  'search-index': ['catalogue'],
  shop: ['checkout', 'catalogue', 'search-index', 'http-library'],
};

/** Jobs that came out otherwise in the second evaluation than in the first, `true` where well. */
const outcomes: Readonly<Record<string, readonly [before: boolean, after: boolean]>> = {
  shop: [true, false],
  'shop-tests': [true, false],
  manual: [false, true],
  admin: [true, true],
  mailer: [true, true],
  reports: [false, false],
  worker: [true, true],
};

/** Two evaluations of a small project, and why a build of the second failed. Returns where that is to be seen. */
export async function playHistory(
  database: Database,
  scene: Scene,
  storeDirectory: string,
): Promise<{ readonly evaluation: number; readonly build: BuildId }> {
  await playEvaluation(database, scene, 0);
  const build = await playEvaluation(database, scene, 1);
  for (const [name, inputs] of Object.entries(inputsOf)) {
    await writeDerivation(storeDirectory, name, inputs);
  }
  const evaluation = (await readBuild(database, build))?.evaluation;
  if (evaluation == null) throw new Error('nothing was evaluated');
  return { evaluation, build };
}

/** Returns the build of the shop. */
async function playEvaluation(database: Database, scene: Scene, which: 0 | 1): Promise<BuildId> {
  const builds = await scene.queue(Object.keys(outcomes), 'shop');
  for (const [index, outcome] of Object.values(outcomes).entries()) {
    const build = builds[index];
    if (build === undefined) throw new Error('a job was not queued');
    if (index === 0) await playSteps(database, scene, build, outcome[which]);
    await scene.finishBuild(build, outcome[which] ? 'succeeded' : 'failed');
  }
  const [shop] = builds;
  if (shop === undefined) throw new Error('the shop was not queued');
  return shop;
}

async function playSteps(
  database: Database,
  scene: Scene,
  build: BuildId,
  goesWell: boolean,
): Promise<void> {
  const began = 1_790_000_000;
  const names = Object.keys(inputsOf);
  const steps = names.map((name, index) => ({
    ...({ build, derivation: derivationOf(name), type: 'build', system: 'x86_64-linux' } as const),
    machine: index % 3 === 2 ? 'apollo' : 'ares',
    propagatedFrom: null,
    outputs: new Map(),
    startTime: began + 70 * index,
    stopTime: began + 70 * index + 55 + 23 * (index % 4),
    status: stepStatusNumber(name === 'shop' && !goesWell ? 'failed' : 'succeeded'),
    errorMessage: name === 'shop' && !goesWell ? 'exit code 1' : null,
  }));
  await database.transaction((transaction) => insertFinishedSteps(transaction, steps));
  await scene.writeLog('shop', 'Running phase: buildPhase\ncompiling 214 files\n');
  if (!goesWell) await scene.writeLog('shop', '\u001B[31merror: cart.ts: price is null\u001B[0m\n');
}
