import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startPrivateDaemon } from './testing/index.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('..', import.meta.url));

/** What the examples print, in the order of the README. Each is given a derivation that was not built yet. */
const outputs: readonly RegExp[] = [
  /^building\nbuilt \nout .*-example-0 sha256-.*=\narchive of 120 bytes\n$/,
  /^building .*-example-1\.drv\n> building\n$/,
  /^\/.*-example-2\.drv\n1 of 1 are valid\n$/,
  /^2\.8\.0 true\nthere is nothing to be had here\n$/,
  /^1 protocol 1\.\d+.*\n1 IsValidPath \{ path: '.*-example-4\.drv' \}\n1 IsValidPath → true\n/,
  /^built\n$/,
];

test('the examples in the README do what they are there for', async () => {
  const readme = await readFile(`${folder}/README.md`, 'utf8');
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
  assert.equal(examples.length, outputs.length);
  await using daemon = await startPrivateDaemon();
  const options = { cwd: folder, env: daemon.environment };
  for (const [index, example] of examples.entries()) {
    const expression = `derivation {
      name = "example-${index}"; system = builtins.currentSystem; builder = "/bin/sh";
      args = [ "-c" "echo building; echo > $out" ];
    }`;
    const instantiated = await run('nix-instantiate', ['--expr', expression], options);
    const node = ['--input-type=module-typescript', '--eval', example, instantiated.stdout.trim()];
    const { stdout } = await run(process.execPath, node, options);
    assert.match(stdout, outputs[index] ?? assert.fail());
  }
});
