import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { defaultStoreDirectory } from '@iolaus/nix';
import fc from 'fast-check';
import { BuilderRequestSchema, RunnerRequestSchema } from '../generated/runner/v1/tunnel_pb.ts';
import type { RunnerRequest } from '../generated/runner/v1/tunnel_pb.ts';
import { attemptUuid, machineUuid, natural, record } from '../testing/arbitraries.ts';
import { fromBuilder } from '../testing/messages.ts';
import type { FromRunner, RunnerMessage } from '../tunnel-message.ts';
import { fromBuilderRequest, toBuilderRequest } from './from-builder.ts';
import { fromRunnerRequest, toJoinAnswerRequest, toRunnerRequest } from './from-runner.ts';

const arrive = (request: RunnerRequest): FromRunner | null => {
  const bytes = toBinary(RunnerRequestSchema, request);
  return fromRunnerRequest(defaultStoreDirectory, fromBinary(RunnerRequestSchema, bytes));
};

test('what a builder says on the tunnel arrives as it was sent', () => {
  fc.assert(
    fc.property(fromBuilder, (message) => {
      const bytes = toBinary(BuilderRequestSchema, toBuilderRequest(message));
      assert.deepEqual(fromBuilderRequest(fromBinary(BuilderRequestSchema, bytes)), message);
    }),
  );
});

test('what a runner says on the tunnel arrives as it was sent', () => {
  const message: fc.Arbitrary<RunnerMessage> = fc.oneof(
    record({
      type: fc.constant('configuration' as const),
      maxConcurrentDownloads: fc.integer({ min: 1, max: 2 ** 31 }),
    }),
    fc.constant({ type: 'ping' as const }),
    record({
      type: fc.constantFrom('abort' as const, 'completed' as const),
      attempt: attemptUuid,
    }),
  );
  fc.assert(fc.property(message, (sent) => assert.deepEqual(arrive(toRunnerRequest(sent)), sent)));
});

test('the answer to a join tells the dialect, and never that nothing may be downloaded', () => {
  const rest = record({
    sharesStore: fc.boolean(),
    takenBack: fc.array(record({ attempt: attemptUuid, logBytes: natural })),
    leaseSeconds: fc.nat(),
  });
  fc.assert(
    fc.property(machineUuid, fc.nat(100), rest, (machine, count, answer) => {
      const request = toJoinAnswerRequest(machine, { maxConcurrentDownloads: count, ...answer });
      assert.deepEqual(arrive(request), {
        type: 'joined',
        answer: { maxConcurrentDownloads: Math.max(count, 1), ...answer },
        dialect: 1,
      });
    }),
  );
});

test('messages that nobody knows yet are passed over', () => {
  // Field 999, a string.
  const unknown = Uint8Array.of(0xba, 0x3e, 1, 0x78);
  assert.equal(fromBuilderRequest(fromBinary(BuilderRequestSchema, unknown)), null);
  assert.equal(
    fromRunnerRequest(defaultStoreDirectory, fromBinary(RunnerRequestSchema, unknown)),
    null,
  );
});

test('a build that cannot be read can still be answered, if it says its name', () => {
  fc.assert(
    fc.property(attemptUuid, (attempt) => {
      const request = create(RunnerRequestSchema, {
        message: { case: 'build', value: { buildId: attempt } },
      });
      assert.deepEqual(arrive(request), {
        type: 'unreadable-build',
        attempt,
        message: 'missing drv',
      });
    }),
  );
});

test('a name that is no UUID is refused', () => {
  const request = create(RunnerRequestSchema, {
    message: { case: 'abort', value: { buildId: '1' } },
  });
  assert.throws(() => arrive(request), { status: 'invalid-argument' });
});
