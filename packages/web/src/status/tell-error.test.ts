import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellError } from './tell-error.ts';

test('an error is told without the derivation that it is shown with, and without the log', () => {
  const message = [
    "build of abc-x.drv failed: builder for '/nix/store/abc-x.drv' failed with exit code 3;",
    'last 2 log lines:',
    '> main.c:42: error',
  ].join('\n');
  assert.equal(tellError(message), 'exit code 3');
  assert.equal(
    tellError(
      "build of abc-x.drv failed: building of '/nix/store/abc-x.drv!out' from in-memory derivation timed out after 3 seconds",
    ),
    'timed out after 3 seconds',
  );
});

test('an error as Hydra words it is told in the same way', () => {
  assert.equal(
    tellError("Build of '/nix/store/abc-x.drv' failed: exit code 1 (see log)"),
    'exit code 1 (see log)',
  );
});

test('an error in other words is told as it is', () => {
  assert.equal(tellError('machine lost'), 'machine lost');
  assert.equal(tellError('build of abc-x.drv failed: '), 'build of abc-x.drv failed: ');
  assert.equal(tellError(''), '');
});
