import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeBuilders } from './builders.ts';

const machine = { systems: ['x86_64-linux'], maxJobs: 4, stats: { currentJobs: 1 } };
const standing = {
  hostname: 'ares',
  systems: ['x86_64-linux'],
  supportedFeatures: [],
  mandatoryFeatures: [],
  slots: 4,
  closed: 'paused',
  hold: null,
  faults: 3,
  blames: 1,
  onTrial: true,
  pausedUntil: 1_790_000_000_000,
  uptimeSeconds: 60,
  secondsLeft: 30,
};

test("a builder of Hydra's runner is told without what only ours knows", () => {
  const [builder] = describeBuilders({ machines: { ares: machine } }, null);
  assert.deepEqual([builder?.name, builder?.running, builder?.closed], ['ares', 1, null]);
  assert.deepEqual([builder?.lastFailureAt, builder?.pressure.cpuPercent], [null, null]);
});

test('a builder is told with why it gets no work, and what spoke against it', () => {
  const [builder] = describeBuilders({ machines: { ares: machine } }, { builders: [standing] });
  assert.deepEqual([builder?.closed, builder?.faults, builder?.blames], ['paused', 3, 1]);
  assert.equal(builder?.pausedUntil, '2026-09-21T14:13:20.000Z');
});

test('a builder that is away is told beside those that are there', () => {
  const away = { ...standing, hostname: 'hera', closed: 'away', uptimeSeconds: null };
  const builders = describeBuilders({ machines: { ares: machine } }, { builders: [away] });
  assert.deepEqual(
    builders.map(({ name, closed, uptimeSeconds }) => [name, closed, uptimeSeconds]),
    [
      ['ares', null, null],
      ['hera', 'away', null],
    ],
  );
});
