import { insertStep } from './database/step-statements.ts';
import type { World } from './world.ts';

/** What its rows name. */
export const foreignMachine = 'elsewhere';

const againMilliseconds = 50;

/** Begins a step of a build and is gone, as a runner of Hydra's that is killed does. */
export function leaveStepBusy(world: World, place: number): void {
  const { server, agenda } = world;
  const builds = [...server.tables.builds.committed()];
  const build = builds[place % Math.max(builds.length, 1)];
  if (build === undefined) return;
  try {
    server.atConsole((scene) =>
      insertStep(scene, build.id, {
        type: 0,
        derivation: build.derivation,
        machine: foreignMachine,
        busy: 30,
        status: null,
        errorMessage: null,
        propagatedFrom: null,
        startTime: scene.now,
        stopTime: null,
      }),
    );
  } catch {
    // The server is away, or somebody writes the row.
    agenda.after(againMilliseconds, () => leaveStepBusy(world, place));
  }
}
