import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import type { AttemptReport } from '../attempt-report.ts';
import {
  BuildResultInfoSchema,
  BuildResultState,
  StepUpdateSchema,
} from '../generated/runner/v1/build_pb.ts';
import { attemptUuid, machineUuid, storePath } from '../testing/arbitraries.ts';
import { attemptReport, stepUpdate } from '../testing/messages.ts';
import {
  fromAttemptReportMessage,
  fromStepUpdateMessage,
  toAttemptReportMessage,
  toStepUpdateMessage,
} from './attempt-report.ts';

const transmit = (report: AttemptReport): AttemptReport => {
  const bytes = toBinary(BuildResultInfoSchema, toAttemptReportMessage(report));
  return fromAttemptReportMessage(fromBinary(BuildResultInfoSchema, bytes));
};

test('a report arrives as it was sent', () => {
  fc.assert(fc.property(attemptReport, (report) => assert.deepEqual(transmit(report), report)));
});

test('parts of milliseconds are rounded', () => {
  fc.assert(
    fc.property(attemptReport, (report) => {
      assert.equal(transmit({ ...report, buildMilliseconds: 12.6 }).buildMilliseconds, 13);
    }),
  );
});

test('an update arrives as it was sent', () => {
  fc.assert(
    fc.property(stepUpdate, (update) => {
      const bytes = toBinary(StepUpdateSchema, toStepUpdateMessage(update));
      assert.deepEqual(fromStepUpdateMessage(fromBinary(StepUpdateSchema, bytes)), update);
    }),
  );
});

test('a result state that nobody knows, and none at all, is the failure of the build', () => {
  const unknown = fromBinary(BuildResultInfoSchema, Uint8Array.of(0x30, 99)).resultState;
  const numbers = fc.constantFrom(BuildResultState.BuildFailure, unknown);
  fc.assert(
    fc.property(attemptUuid, machineUuid, numbers, (attempt, machine, state) => {
      const message = create(BuildResultInfoSchema, {
        buildId: attempt,
        machineId: machine,
        resultState: state,
      });
      assert.deepEqual(fromAttemptReportMessage(message).result, {
        type: 'failed',
        failure: 'build-failed',
        message: null,
      });
    }),
  );
});

test("what Hydra's builder says of the daemon's verdict in words only is understood", () => {
  const [buildId = ''] = fc.sample(attemptUuid, 1);
  const [machineId = ''] = fc.sample(machineUuid, 1);
  const read = (reason: string): unknown => {
    const errorMsg = `Build of '/nix/store/x.drv' failed: ${reason} (see log)`;
    const { result } = fromAttemptReportMessage(
      create(BuildResultInfoSchema, { buildId, machineId, errorMsg }),
    );
    return result.type === 'failed' && result.failure;
  };
  assert.equal(read('permanent failure'), 'build-failed');
  assert.equal(read('transient failure'), 'transiently-failed');
  assert.equal(read('build is not deterministic'), 'not-deterministic');
  assert.equal(read('builder failed'), 'preparing-failed');
  assert.equal(read('a dependency failed'), 'import-failed');
  assert.equal(read('transient failure (see log), failed: permanent failure'), 'build-failed');
});

test('an output without a path, or a product without one, is refused by name', () => {
  const [buildId = ''] = fc.sample(attemptUuid, 1);
  const [machineId = ''] = fc.sample(machineUuid, 1);
  const [path = ''] = fc.sample(storePath, 1);
  const read = (output: object): unknown =>
    fromAttemptReportMessage(
      create(BuildResultInfoSchema, {
        buildId,
        machineId,
        resultState: BuildResultState.Success,
        outputInfos: { out: output },
      }),
    );
  assert.throws(() => read({}), { message: 'missing path of output out' });
  assert.throws(() => read({ path: { path }, nixSupport: { products: [{}] } }), {
    status: 'invalid-argument',
    message: 'missing path of a build product',
  });
});

test('a hash of a product that is none counts as absent', () => {
  const [report] = fc.sample(attemptReport, 1);
  const [path] = fc.sample(storePath, 1);
  assert.ok(report !== undefined && path !== undefined);
  const product = {
    type: 'file',
    subtype: 'iso',
    storePath: path,
    subPath: '',
    defaultPath: '',
    name: 'x',
    isRegularFile: true,
    fileSize: 1,
    sha256: 'not hexadecimal',
  };
  const nixSupport = { failed: false, releaseName: null, products: [product], metrics: [] };
  const output = { path, figures: null, nixSupport };
  const { result } = transmit({
    ...report,
    result: { type: 'succeeded', outputs: new Map([['out', output]]) },
  });
  assert.ok(result.type === 'succeeded');
  assert.deepEqual(result.outputs.get('out')?.nixSupport?.products, [{ ...product, sha256: null }]);
});
