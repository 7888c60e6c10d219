import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { runIolaus } from '../testing/iolaus-process.ts';

test('bash completes commands, commands of commands, and options', async () => {
  const { stdout } = await runIolaus(['completion', 'bash']);
  const complete = (...words: string[]): string[] => {
    const asked = `${stdout}
      COMP_WORDS=(iolaus ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
      _iolaus; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout: said, stderr } = spawnSync('bash', ['-c', asked], { encoding: 'utf8' });
    assert.equal(stderr, '');
    return said.trimEnd().split('\n');
  };
  assert.deepEqual(complete('wh'), ['why']);
  assert.deepEqual(complete('builders', 'd'), ['drain']);
  assert.deepEqual(complete('log', '123', '--fo'), ['--follow']);
  assert.deepEqual(complete('ls', 'provi'), ['provisioners']);
});

test('each shell gets a script, and who names another one is told which there are', async () => {
  for (const shell of ['zsh', 'fish']) {
    const { status, stdout } = await runIolaus(['completion', shell]);
    assert.equal(status, 0);
    assert.match(stdout, /drain/);
  }
  const { status, stderr } = await runIolaus(['completion', 'ksh']);
  assert.notEqual(status, 0);
  assert.match(stderr, /bash, zsh, fish/);
});
