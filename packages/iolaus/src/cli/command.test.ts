import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../fault/fault.ts';
import { onlyPositional, parseParameters } from './command.ts';
import { provisionerCommand } from './provisioner/provisioner.ts';

const refusedWith = (sentence: string) => (error: unknown) => {
  assert.ok(error instanceof Fault);
  assert.deepEqual([error.code, error.message], ['bad-usage', sentence]);
  return true;
};

test('a command that takes one thing takes no more and no fewer', () => {
  const take = (...words: string[]) => onlyPositional('log', 'one build', words, 'Name it.');
  assert.equal(take('7'), '7');
  assert.throws(() => take(), refusedWith('iolaus log takes one build, not 0'));
  assert.throws(() => take('7', '8'), refusedWith('iolaus log takes one build, not 2'));
});

test('what does not fit the options is told in one sentence', () => {
  const parse = (...words: string[]) =>
    parseParameters('simulate', words, { seeds: { type: 'string' }, all: { type: 'boolean' } });
  for (const [words, sentence] of [
    [['--sead', '1'], "Unknown option '--sead'"],
    [['--seeds'], "Option '--seeds <value>' argument missing"],
    [['--seeds', '-1'], "Option '--seeds' argument is ambiguous"],
    [['--all=1'], "Option '--all' does not take an argument"],
  ] as const) {
    assert.throws(() => parse(...words), refusedWith(`iolaus simulate: ${sentence}`));
  }
});

test('a word that is no command of the provisioner is named', async () => {
  await assert.rejects(
    provisionerCommand.run(['frob', '--config', 'x']),
    refusedWith("there is no command 'frob' in `iolaus provisioner`"),
  );
});
