import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellError } from './tell-error.ts';

test('an error is told without the derivation that it is shown with', () => {
  assert.equal(
    tellError("Build of '/nix/store/abc-x.drv' failed: exit code 1 (see log)"),
    'exit code 1 (see log)',
  );
});

test('an error in other words is told as it is', () => {
  assert.equal(tellError('machine lost'), 'machine lost');
});
