import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FarmEffect } from '../../farm/effect.ts';
import { createFarm } from '../../farm/farm.ts';
import { buildId, builderId, instant } from '../../farm/identity.ts';
import {
  build,
  builderFacts,
  defaultSettings,
  graph,
  healthy,
  times,
} from '../../farm/testing/scenario.ts';
import { tellFinishedBuilds } from './finished-build-notifications.ts';

/** What a farm decides when the input of builds 1 to 4 fails, which is build 5. */
function failures(): readonly FarmEffect[] {
  const farm = createFarm(defaultSettings);
  const names = ['a', 'b', 'c', 'd'];
  const builds = [...names.map((name, index) => build(index + 1, name)), build(5, 'low')];
  const shape = Object.fromEntries(names.map((name) => [name, 'low']));
  const now = instant(0);
  const builder = builderId('ant');
  farm.apply({ type: 'builds-queued', builds, steps: graph({ ...shape, low: '' }) }, now);
  farm.apply({ type: 'builder-joined', builder, facts: builderFacts('ant', {}) }, now);
  farm.apply({ type: 'builder-pinged', builder, health: healthy }, now);
  const [attempt = assert.fail()] = [...farm.view.attempts()].map((one) => one.attempt);
  const failure = { failure: 'build-failed', message: 'it broke', times } as const;
  return farm.apply({ type: 'attempt-failed', attempt, ...failure }, now);
}

const tell = (effects: readonly FarmEffect[], finished: readonly number[] = [1, 2, 3, 4, 5]) =>
  tellFinishedBuilds(effects, new Set(finished.map(buildId))).map(({ payload }) =>
    payload.replaceAll('\t', ' '),
  );

test('the build whose step failed is told first, and then those that fail because of it', () => {
  assert.deepEqual(tell(failures()), ['5 1 2 3 4']);
  assert.deepEqual(tell(failures(), [2, 4]), ['2 4'], 'of those that were not over before');
});

test('who is aborted because its derivation cannot be read is told to nobody, and behind nobody', () => {
  const farm = createFarm(defaultSettings);
  const unreadable = build(2, 'gone');
  const effects = farm.apply(
    { type: 'build-unreadable', build: unreadable, message: 'it is gone' },
    instant(0),
  );
  assert.deepEqual(
    effects.map(({ type }) => type),
    ['fail-build'],
  );
  const before = failures().filter((effect) => !('build' in effect) || effect.build !== 2);
  assert.deepEqual(tell([...before, ...effects]), ['5 1 3 4']);
});

test('who needs what nobody can build is told behind the one that is it', () => {
  const farm = createFarm({ ...defaultSettings, maxUnsupportedSeconds: 0 });
  const shape = graph({ a: 'low', low: '' });
  const effects = farm.apply(
    { type: 'builds-queued', builds: [build(1, 'a'), build(2, 'low')], steps: shape },
    instant(0),
  );
  assert.deepEqual(tell(effects), ['2 1']);
});

test('who fails in a later transaction is told behind it too', () => {
  const effects = failures();
  const middle = effects.findLastIndex(({ type }) => type === 'record-failure') - 2;
  assert.deepEqual(tell(effects.slice(0, middle)), ['5 1 2']);
  assert.deepEqual(tell(effects.slice(middle)), ['5 3 4']);
});

test('a step that is given up because its input failed is no failure of its own', () => {
  const effects = failures();
  const ended = effects.find(({ type }) => type === 'finish-attempt');
  assert.ok(ended?.type === 'finish-attempt');
  const cancelled: FarmEffect = { ...ended, build: buildId(1), outcome: 'cancelled' };
  assert.deepEqual(tell([ended, cancelled, ...effects.filter((effect) => effect !== ended)]), [
    '5 1 2 3 4',
  ]);
});
