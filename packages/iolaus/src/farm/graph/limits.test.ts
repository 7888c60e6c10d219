import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFarm } from '../farm.ts';
import { builderId, instant } from '../identity.ts';
import type { BuildFacts } from '../facts.ts';
import { build, builderFacts, graph, healthy } from '../testing/scenario.ts';

/** Silent seconds and all seconds that the step `lib` gets when these builds want it. */
function limitsOfLib(...builds: readonly BuildFacts[]): readonly number[] {
  const maxSilentSeconds = 3600;
  const timeoutSeconds = 36_000;
  const retries = { maxTries: 5, retryIntervalSeconds: 60, retryBackoff: 3 };
  const farm = createFarm({
    ...retries,
    maxUnsupportedSeconds: 1,
    maxSilentSeconds,
    timeoutSeconds,
  });
  const ant = builderId('ant');
  farm.apply({ type: 'builder-joined', builder: ant, facts: builderFacts('ant') }, instant(0));
  farm.apply({ type: 'builder-pinged', builder: ant, health: healthy }, instant(0));
  const steps = graph({ app: 'lib', tool: 'lib', lib: '' });
  const effects = farm.apply({ type: 'builds-queued', builds, steps }, instant(0));
  const start = effects.find((effect) => effect.type === 'start-attempt');
  return start === undefined ? [] : [start.maxSilentSeconds, start.timeoutSeconds];
}

test("a build's own step gets the build's limits, or the defaults", () => {
  assert.deepEqual(limitsOfLib(build(1, 'lib')), [3600, 36_000]);
  const own = build(1, 'lib', { maxSilentSeconds: 5, timeoutSeconds: 60 });
  assert.deepEqual(limitsOfLib(own), [5, 60]);
  const long = build(1, 'lib', { maxSilentSeconds: 7200, timeoutSeconds: 360_000 });
  assert.deepEqual(limitsOfLib(long), [7200, 360_000]);
});

test('of several builds the longest limits count', () => {
  const short = build(1, 'lib', { maxSilentSeconds: 5, timeoutSeconds: 60 });
  const mixed = build(2, 'lib', { maxSilentSeconds: 4, timeoutSeconds: 90 });
  assert.deepEqual(limitsOfLib(short, mixed), [5, 90]);
  assert.deepEqual(limitsOfLib(short, build(3, 'app')), [3600, 36_000]);
});

test('a dependency gets the defaults at least, and longer limits of a build above', () => {
  const short = build(1, 'app', { maxSilentSeconds: 5, timeoutSeconds: 60 });
  assert.deepEqual(limitsOfLib(short), [3600, 36_000]);
  const long = build(2, 'tool', { timeoutSeconds: 99_999 });
  assert.deepEqual(limitsOfLib(short, long), [3600, 99_999]);
});
