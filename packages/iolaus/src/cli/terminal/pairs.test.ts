import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../fault/fault.ts';
import { readPairs } from './pairs.ts';

test('options with two values are taken out of the command line, in their order', () => {
  const { rest, pairs } = readPairs(
    ['file.nix', '--arg', 'a', '1', '--json', '--argstr', 'b', 'x', '--arg', 'c', '[ ]'],
    ['--arg', '--argstr'],
  );
  assert.deepEqual(rest, ['file.nix', '--json']);
  assert.deepEqual(pairs('--arg'), [
    ['a', '1'],
    ['c', '[ ]'],
  ]);
  assert.deepEqual(pairs('--argstr'), [['b', 'x']]);
});

test('a missing value is misuse, and the message names the option', () => {
  assert.throws(
    () => readPairs(['--arg', 'a'], ['--arg']),
    (error) => error instanceof Fault && error.exitStatus === 2 && error.message.includes('--arg'),
  );
});
