import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unmeasured } from '../../protocol/attempt-report.ts';
import type { AttemptReport } from '../../protocol/attempt-report.ts';
import { CallError } from '../../protocol/call-error.ts';
import type { CallStatus } from '../../protocol/call-error.ts';
import { parseAttemptUuid, parseMachineUuid } from '../../protocol/identity.ts';
import { reportByCalls } from './reports.ts';

const attempt = parseAttemptUuid('00000000-0000-4000-8000-000000000001') ?? assert.fail();
const machine = parseMachineUuid('00000000-0000-4000-8000-000000000002') ?? assert.fail();
const success: AttemptReport = {
  attempt,
  machine,
  result: { type: 'succeeded', outputs: new Map() },
  ...unmeasured,
};

/** A runner that answers the first calls with errors, and what it heard. */
function forgetfulRunner(...answers: readonly (CallStatus | 'ok')[]) {
  const heard: AttemptReport[] = [];
  const client = {
    updateStep: async () => {
      throw new CallError('unavailable', 'gone');
    },
    completeBuild: async (report: AttemptReport) => {
      const answer = answers[heard.length] ?? 'ok';
      heard.push(report);
      if (answer !== 'ok') throw new CallError(answer, 'not now');
    },
  };
  const { signal } = new AbortController();
  return { heard, reports: reportByCalls(machine, client, signal, [0, 0, 0]) };
}

test('a report that is not taken is sent again, up to four times', async () => {
  const { heard, reports } = forgetfulRunner('unavailable', 'internal', 'unavailable', 'ok');
  await reports.complete(success);
  assert.equal(heard.length, 4);
});

test('a success that is never taken is reported as a failure of the farm', async () => {
  const { heard, reports } = forgetfulRunner(...Array<CallStatus>(4).fill('internal'));
  await reports.complete(success);
  const last = heard.at(-1)?.result;
  assert.equal(heard.length, 5);
  assert.equal(last?.type === 'failed' && last.failure, 'post-processing-failed');
});

test('what another try cannot change is not tried again', async () => {
  const { heard, reports } = forgetfulRunner('invalid-argument');
  await reports.complete(success);
  assert.equal(heard.length, 2);
});

test('an update that gets lost is no matter', async () => {
  await forgetfulRunner().reports.update(attempt, 'building');
});
