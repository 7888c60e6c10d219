import { setTimeout as sleep } from 'node:timers/promises';
import { openFleet } from './fleet.ts';
import { openRunnerScene } from './scene.ts';

const builderCount = 1_000;
// Three pings of each.
const watchedSeconds = 30;

export type IdleFigures = { readonly idleCpuPercent: number; readonly idleRssMb: number };

/** What builders cost that have nothing to do. Percent of one core; megabytes above a runner without builders. */
export async function measureIdle(): Promise<IdleFigures> {
  await using scene = await openRunnerScene();
  await using runner = await scene.startRunner(null);
  await sleep(1_000);
  const alone = runner.memoryMb();
  let joined = 0;
  const allJoined = Promise.withResolvers<void>();
  await using _fleet = openFleet({
    count: builderCount,
    slots: 4,
    buildMilliseconds: 0,
    endpoints: [runner.endpoint],
    storeDirectory: scene.storeDirectory,
    watch: {
      ordered: () => {},
      built: () => {},
      acknowledged: () => {},
      joined: () => {
        joined += 1;
        if (joined === builderCount) allJoined.resolve();
      },
    },
  });
  await allJoined.promise;
  const before = runner.cpuSeconds();
  await sleep(watchedSeconds * 1_000);
  return {
    idleCpuPercent: ((runner.cpuSeconds() - before) / watchedSeconds) * 100,
    idleRssMb: runner.memoryMb() - alone,
  };
}
