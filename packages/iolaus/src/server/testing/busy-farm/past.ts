import type { Database } from '../../../database/connection/connection.ts';
import { buildStatusNumber, phaseNumber, stepStatusNumber } from '../../../database/status.ts';
import { finishBuilds } from '../../../database/builds/finish-builds.ts';
import { insertBusySteps } from '../../../database/steps/insert-busy-steps.ts';
import { insertFinishedSteps } from '../../../database/steps/insert-finished-steps.ts';
import type { FinishedStep } from '../../../database/steps/insert-finished-steps.ts';
import type { BuildId } from '../../../farm/identity.ts';
import type { createScene } from '../scene.ts';
import { machines } from './machines.ts';
import type { MadeUpMachine } from './machines.ts';
import { derivationNamed, packageNamed } from './made-up-names.ts';

export const jobsetProjects = ['nixpkgs', 'nixos', 'tools'];
const buildsEach = 20;

/** Queues builds of some projects, and writes down what the machines did in the last half hour and are at. */
export async function playPast(
  database: Database,
  scene: ReturnType<typeof createScene>,
): Promise<readonly BuildId[]> {
  const builds: BuildId[] = [];
  for (const [index, project] of jobsetProjects.entries()) {
    const numbers = Array.from({ length: buildsEach }, (_, number) => index * buildsEach + number);
    builds.push(...(await scene.queue(numbers.map(packageNamed), project)));
  }
  const now = Math.floor(Date.now() / 1_000);
  await database.transaction(async (transaction) => {
    const chargedTo = (number: number): BuildId => {
      const build = builds[number % builds.length];
      if (build === undefined) throw new Error('nothing was queued');
      return build;
    };
    const past = machines.flatMap((machine, index) => [...pastOf(machine, index, now, chargedTo)]);
    await insertFinishedSteps(transaction, past);
    const running = machines.flatMap((machine) =>
      Array.from({ length: machine.running }, (_, slot) => ({ machine, slot })),
    );
    await insertBusySteps(
      transaction,
      running.map(({ machine, slot }, number) => ({
        build: chargedTo(number),
        derivation: `/nix/store/${derivationNamed(number)}`,
        system: machine.system,
        machine: machine.name,
        outputs: new Map(),
        startTime: now - 40 - 97 * slot - 13 * (number % 5),
        busy: phaseNumber(slot === 3 ? 'sending-inputs' : 'building'),
      })),
    );
    await finishBuilds(
      transaction,
      builds.slice(30).map((build, index) => ({
        build,
        cached: false,
        size: 1_234,
        closureSize: 56_789,
        releaseName: null,
        notifies: true,
        status: buildStatusNumber(index % 6 === 2 ? 'failed' : 'succeeded'),
        startTime: now - 900 + 20 * index,
        stopTime: now - 600 + 20 * index,
      })),
    );
  });
  return builds;
}

const pastSeconds = 1_800;

/** Each slot had one step after the other, until those that run began. */
function* pastOf(
  machine: MadeUpMachine,
  index: number,
  now: number,
  chargedTo: (number: number) => BuildId,
): Generator<FinishedStep> {
  for (let slot = 0; slot < machine.slots; slot++) {
    let start = now - pastSeconds + 31 * slot;
    for (let number = 100 * index + 17 * slot; ; number++) {
      const seconds = 40 + ((number * 7_919) % 260);
      const stop = start + seconds;
      if (stop > now - 240 - 97 * slot) break;
      const status = stepStatusNumber(number % 11 === 3 ? 'failed' : 'succeeded');
      yield {
        build: chargedTo(number),
        derivation: `/nix/store/${derivationNamed(number)}`,
        type: 'build',
        status,
        startTime: start,
        stopTime: stop,
        propagatedFrom: null,
        errorMessage: null,
        machine: machine.name,
        system: machine.system,
        outputs: new Map(),
      };
      start = stop + 4;
    }
  }
}
