import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serveScene } from '../server/testing/serve-scene.ts';

const client = fileURLToPath(new URL('../../../client', import.meta.url));
const dependencies = fileURLToPath(new URL('../../../../node_modules', import.meta.url));
const run = promisify(execFile);

test('the packed client is installed in an empty folder, and does what its README shows', async () => {
  await using folder = await openEmptyFolder();
  await run('npm', ['pack', '--pack-destination', folder.path], { cwd: client });
  await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }');
  // What it depends on comes from this machine, whose npm need not reach a registry.
  const wanted = ['./iolaus-client-0.1.0.tgz', join(dependencies, 'zod')];
  await run('npm', ['install', '--offline', '--no-audit', ...wanted], { cwd: folder.path });
  const readme = await readFile(join(client, 'README.md'), 'utf8');
  const example = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? '';
  await writeFile(join(folder.path, 'example.ts'), example);

  await using served = await serveScene();
  const { scene, server } = served;
  const [build] = await scene.queue(['one']);
  assert.ok(build !== undefined);
  const step = await scene.startStep(build, 'one');
  await scene.writeLog('one', 'it is broken\n');
  await scene.finishStep(build, step, 'failed');
  await scene.finishBuild(build, 'failed');

  const { stdout } = await run(process.execPath, ['example.ts', server.url], { cwd: folder.path });
  assert.match(stdout, /failed at step 1:\nit is broken\n401 [\w-]+: /);
  const checker = join(dependencies, '.bin/tsc');
  const types = ['--typeRoots', join(dependencies, '@types'), '--types', 'node'];
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  await run(checker, [...strict, ...types, 'example.ts'], { cwd: folder.path });
});

async function openEmptyFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'client-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
