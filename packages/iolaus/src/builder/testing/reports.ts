import assert from 'node:assert/strict';
import type { AttemptReport, ReportedOutput } from '../../protocol/attempt-report.ts';

/** The output `out` of an attempt that has to have succeeded. */
export function outOf(report: AttemptReport): ReportedOutput {
  assert.equal(report.result.type, 'succeeded', JSON.stringify(report.result));
  const out = report.result.outputs.get('out');
  assert.ok(out);
  return out;
}

/** Why an attempt failed that has to have failed. */
export function failureOf({ result }: AttemptReport): { failure: string; message: string } {
  assert.equal(result.type, 'failed');
  return { failure: result.failure, message: result.message ?? '' };
}
