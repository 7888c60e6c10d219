import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startPrivateDaemon } from './testing/index.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('..', import.meta.url));

test('the example in the README builds a derivation and reads what came out', async () => {
  const readme = await readFile(`${folder}/README.md`, 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? assert.fail();
  await using daemon = await startPrivateDaemon();
  const expression = `derivation {
    name = "example"; system = builtins.currentSystem; builder = "/bin/sh";
    args = [ "-c" "echo building; echo > $out" ];
  }`;
  const instantiated = await run('nix-instantiate', ['--expr', expression], {
    env: daemon.environment,
  });
  const node = ['--input-type=module-typescript', '--eval', example, instantiated.stdout.trim()];
  const { stdout } = await run(process.execPath, node, { cwd: folder, env: daemon.environment });
  assert.match(stdout, /^building\nbuilt \nout .*-example sha256-.*=\narchive of 120 bytes\n$/);
});
