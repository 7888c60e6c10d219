import assert from 'node:assert/strict';
import test from 'node:test';
import { namePattern } from './name-pattern.ts';

test('a search is narrowed down by the word of it that few names have', () => {
  const sample = ['python3packages.numpy.linux', 'python3packages.flask.linux', 'hello.linux'];
  assert.deepEqual(namePattern('Python3Packages.numpy', sample), {
    like: '%numpy%',
    text: 'python3packages.numpy',
  });
});

test('what has no word is looked for as it is, and what is very short where a name begins', () => {
  assert.deepEqual(namePattern('-_%', []), { like: String.raw`%-\_\%%`, text: '-_%' });
  assert.deepEqual(namePattern('gc', []), { like: 'gc%', text: 'gc' });
});
