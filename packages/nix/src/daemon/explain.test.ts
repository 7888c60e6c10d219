import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonError } from './daemon-error.ts';
import type { DaemonErrorKind } from './daemon-error.ts';
import { explain } from './explain.ts';
import { OperationFailed } from './read-messages.ts';

/** What released versions of Nix say. */
const messages: readonly (readonly [message: string, kind: DaemonErrorKind])[] = [
  ['you are not privileged to build input-addressed derivations', 'untrusted'],
  ['you are not privileged to add logs', 'untrusted'],
  ["repairing is not allowed because you are not in 'trusted-users'", 'untrusted'],
  ["cannot add path '/nix/store/x' because it lacks a signature by a trusted key", 'untrusted'],
  ["cannot add path '/nix/store/x' because it lacks a valid signature", 'untrusted'],
  ['invalid operation 999', 'unsupported'],
  [
    "the daemon is missing the 'realisation-with-path-not-hash' protocol feature, needed to support content-addressing derivations",
    'unsupported',
  ],
  ["path '/nix/store/x' is not valid", 'operation'],
  [
    "builder for '/nix/store/x.drv' failed with exit code 1;\n> you are not privileged to do that",
    'operation',
  ],
];

test('the words of a daemon tell what kind of failure it is', () => {
  for (const [message, kind] of messages) {
    const failure = new OperationFailed({ level: 0, message, traces: ['while asking'] });
    const error = explain('Anything', failure);
    assert.ok(error instanceof DaemonError);
    assert.deepEqual([error.kind, error.message, error.traces], [kind, message, ['while asking']]);
  }
});

test('what is not of the wire is left alone', () => {
  const mine = new Error('disk full');
  assert.equal(explain('Anything', mine), mine);
});
