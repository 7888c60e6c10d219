import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallError } from '../call-error.ts';
import type { CallStatus } from '../call-error.ts';
import { asCallError, statusError, statusHeaders } from './status.ts';

const statuses = fc.constantFrom<CallStatus>(
  'cancelled',
  'invalid-argument',
  'not-found',
  'failed-precondition',
  'out-of-range',
  'resource-exhausted',
  'unauthenticated',
  'unimplemented',
  'unavailable',
  'internal',
);

test('a status and any text arrive as they were sent, in printable ASCII', () => {
  fc.assert(
    fc.property(statuses, fc.string({ unit: 'binary', minLength: 1 }), (status, text) => {
      const headers = statusHeaders(new CallError(status, text));
      assert.match(headers['grpc-message'] ?? '', /^[ -~]*$/);
      const arrived = statusError(headers['grpc-status'], headers['grpc-message']);
      assert.equal(arrived?.status, status);
      assert.equal(arrived.message, text);
    }),
  );
});

test('a text that would not fit into headers is shortened', () => {
  const headers = statusHeaders(new CallError('internal', 'ü'.repeat(100_000)));
  assert.ok((headers['grpc-message']?.length ?? 0) < 16_000);
});

test('half a surrogate pair does not break the answer', () => {
  assert.equal(statusHeaders(new CallError('internal', 'a\ud800'))['grpc-message'], 'a%EF%BF%BD');
});

test('status 0 is success, and one that nobody knows is internal', () => {
  assert.equal(statusError('0', 'fine'), null);
  assert.equal(statusError('77', undefined)?.status, 'internal');
  assert.equal(statusError('5', 'not%zzescaped')?.message, 'not%zzescaped');
});

test('what a handler throws is internal with all its causes, unless it chose a status', () => {
  const cause = new Error('connection refused');
  const error = asCallError(new Error('no database', { cause }));
  assert.equal(error.status, 'internal');
  assert.equal(error.message, 'no database: connection refused');
  const chosen = new CallError('not-found', 'no such path');
  assert.equal(asCallError(chosen), chosen);
});
