import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builderConfigurationSchema } from './configuration.ts';
import { openScene } from './testing/scene.ts';

/** What the runner is told for a key that says so. */
const told = {
  speedFactor: 2.5,
  maxJobs: 3,
  useSubstitutes: true,
  systems: ['riscv64-linux'],
  supportedFeatures: ['big', 'kvm'],
  mandatoryFeatures: ['big'],
} as const;
const thresholds = {
  buildDirAvailThreshold: 11,
  storeAvailThreshold: 12,
  load1Threshold: 13,
  cpuPsiThreshold: 14,
  memPsiThreshold: 15,
  ioPsiThreshold: 16,
} as const;

test('each key of the file counts: the runner is told, or builds and pings are as it says', async () => {
  const configuration = { ...told, ...thresholds, buildCores: 7, pingInterval: 1 };
  assert.deepEqual(
    Object.keys(configuration).toSorted(),
    Object.keys(builderConfigurationSchema.shape).toSorted(),
  );
  await using scene = await openScene({ configuration });
  const { runner } = scene;
  const [join] = runner.joins;
  assert.ok(join);
  const { speedFactor, maxJobs, useSubstitutes, systems, supportedFeatures, mandatoryFeatures } =
    join;
  assert.deepEqual(
    { speedFactor, maxJobs, useSubstitutes, systems, supportedFeatures, mandatoryFeatures },
    told,
  );
  assert.deepEqual(
    [
      join.buildDirectoryThreshold,
      join.storeThreshold,
      join.load1Threshold,
      join.cpuPressureThreshold,
      join.memoryPressureThreshold,
      join.ioPressureThreshold,
    ],
    Object.values(thresholds),
  );
  const { attempt } = await scene.order({ script: 'echo $NIX_BUILD_CORES; echo > $out' });
  await runner.reportOf(attempt);
  assert.equal(runner.logs.get(attempt), '7\n');
  await runner.until(() => runner.pings[2]);
});
