import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFarm } from '../../farm/farm.ts';
import { builderId, instant } from '../../farm/identity.ts';
import {
  build,
  builderFacts,
  defaultSettings,
  graph,
  healthy,
  resultOf,
  times,
} from '../../farm/testing/scenario.ts';
import { tellSteps } from './step-notifications.ts';

test('what happened in one transaction is told in its order: a step begins after what it needs, a build with its own step', () => {
  const farm = createFarm(defaultSettings);
  const steps = graph({ top: 'low', low: '' });
  const [, low = assert.fail()] = steps;
  const now = instant(0);
  const builder = builderId('ant');
  farm.apply({ type: 'builds-queued', builds: [build(1, 'top')], steps }, now);
  farm.apply({ type: 'builder-joined', builder, facts: builderFacts('ant', {}) }, now);
  const begun = farm.apply({ type: 'builder-pinged', builder, health: healthy }, now);
  const [attempt = assert.fail()] = [...farm.view.attempts()].map((one) => one.attempt);
  const effects = [
    ...begun,
    ...farm.apply({ type: 'attempt-succeeded', attempt, result: resultOf(low), times }, now),
    ...farm.apply({ type: 'builder-left', builder }, now),
  ];
  const told = tellSteps(effects, (each) => (each === attempt ? 1 : 2), '/logs');
  assert.deepEqual(
    told.map(({ channel, payload }) => `${channel} ${payload.replaceAll('\t', ' ')}`),
    [
      'step_started 1 1',
      'step_finished 1 1 /logs/lo/w',
      'step_started 1 2',
      'build_started 1',
      'step_finished 1 2 /logs/to/p',
    ],
  );
});
