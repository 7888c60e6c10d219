import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const typedoc = fileURLToPath(new URL('../bin/typedoc', import.meta.resolve('typedoc')));
const folder = fileURLToPath(new URL('..', import.meta.url));

test('everything that is exported is documented, with all that it mentions', async () => {
  const parameters = ['--emit', 'none', '--logLevel', 'Warn'];
  const checked = promisify(execFile)(process.execPath, [typedoc, ...parameters], { cwd: folder });
  // What is not documented is in the message of the failure.
  assert.equal((await checked).stdout, '');
});
