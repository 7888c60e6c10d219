import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAttemptUuid } from '../../protocol/identity.ts';
import { tellLastingPhases } from './lasting-phases.ts';

const [quick, slow] = [1, 2].map(
  (n) => parseAttemptUuid(`00000000-0000-4000-8000-00000000000${n}`) ?? assert.fail(),
);

test('the latest phase of each attempt is told, and none of an attempt that is over', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  assert.ok(quick !== undefined && slow !== undefined);
  const told: unknown[] = [];
  const phases = tellLastingPhases((attempt, phase) => told.push([attempt, phase]));
  phases.note(quick, 'building');
  phases.note(slow, 'waiting-for-local-slot');
  phases.note(slow, 'building');
  phases.forget(quick);
  context.mock.timers.tick(1_000);
  assert.deepEqual(told, [[slow, 'building']]);
  phases.note(slow, 'post-processing');
  context.mock.timers.tick(1_000);
  assert.deepEqual(told.at(-1), [slow, 'post-processing']);
});
