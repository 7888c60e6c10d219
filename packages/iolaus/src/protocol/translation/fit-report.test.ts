import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { unmeasured } from '../attempt-report.ts';
import type { NixSupport } from '../../nix-support/nix-support.ts';
import type { AttemptReport } from '../attempt-report.ts';
import { BuildResultInfoSchema, OutputInfoSchema } from '../generated/runner/v1/build_pb.ts';
import { BuildMetricSchema, NixSupportSchema } from '../generated/runner/v1/nix_support_pb.ts';
import { aMachine, anAttempt, aPath } from '../testing/runner-pair.ts';
import { fromAttemptReportMessage, toAttemptReportMessage } from './attempt-report.ts';

const reportOf = (result: AttemptReport['result']): AttemptReport => ({
  attempt: anAttempt(),
  machine: aMachine(),
  result,
  ...unmeasured,
});

const metrics = (count: number): NixSupport => ({
  failed: false,
  releaseName: null,
  products: [],
  metrics: Array.from({ length: count }, (_, index) => ({
    name: `metric-${index}`,
    value: index,
    unit: null,
  })),
});

test('of what several outputs say together so much is told that it fits in a message', () => {
  const outputs = new Map(
    ['dev', 'doc', 'lib', 'man', 'out'].map((name) => {
      const nixSupport = metrics(10_000);
      return [name, { path: aPath(name), figures: null, nixSupport }];
    }),
  );
  const message = toAttemptReportMessage(reportOf({ type: 'succeeded', outputs }));
  assert.ok(toBinary(BuildResultInfoSchema, message).length < 4_000_000);
  const { result } = fromAttemptReportMessage(message);
  const told = result.type === 'succeeded' ? [...result.outputs.values()] : assert.fail();
  assert.deepEqual(told[0]?.nixSupport, metrics(10_000));
  assert.equal(told[4]?.nixSupport?.metrics.length, 0);
});

test('a report with more entries than any of ours has is refused', () => {
  const message = toAttemptReportMessage(reportOf({ type: 'succeeded', outputs: new Map() }));
  const entries = Array.from(
    { length: 40_000 },
    (_, index) => [`${index}`, create(BuildMetricSchema)] as const,
  );
  const nixSupport = create(NixSupportSchema, { metrics: Object.fromEntries(entries) });
  const outputInfos = { out: create(OutputInfoSchema, { nixSupport }) };
  const excessive = create(BuildResultInfoSchema, { ...message, outputInfos });
  assert.throws(() => fromAttemptReportMessage(excessive), {
    status: 'invalid-argument',
    message: '40000 products and metrics are too many',
  });
});

test('of a message without end its beginning is told', () => {
  const result = { type: 'failed', failure: 'build-failed', message: 'x'.repeat(1e6) } as const;
  const told = fromAttemptReportMessage(toAttemptReportMessage(reportOf(result))).result;
  assert.equal(told.type === 'failed' && told.message?.length, 65_536);
});
