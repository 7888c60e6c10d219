import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openLiveFarm } from '../testing/live-farm.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const program = 'hydra-builder.mjs';

/** An otherwise empty folder with the one file that the build makes of the builder. */
async function openFolderWithBuilder(): Promise<AsyncDisposable & { readonly path: string }> {
  await promisify(execFile)(process.execPath, ['scripts/build.ts'], { cwd: root });
  const path = await mkdtemp(join(tmpdir(), 'bundle-'));
  await copyFile(join(root, 'dist', program), join(path, program));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('the builder is also one file, which needs Node.js and Nix and nothing beside it', async () => {
  await using folder = await openFolderWithBuilder();
  const run = promisify(execFile);
  const said = await run(process.execPath, [program, '--version'], { cwd: folder.path });
  assert.match(said.stdout, /^hydra-builder \d/);
  const misuse = run(process.execPath, [program, '-c', 'missing.toml'], { cwd: folder.path });
  await assert.rejects(misuse, { code: 2, stderr: /missing\.toml does not exist/ });

  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  const { PATH = '', ...nix } = farm.daemon.environment;
  const builder = spawn(process.execPath, [program, '--gateway-endpoint', runner.endpoint], {
    cwd: folder.path,
    env: { ...nix, PATH: PATH.replaceAll(/[^:]*node_modules[^:]*:?/g, '') },
    stdio: 'ignore',
  });
  try {
    const queued = await farm.queue('bundled', 'echo said; echo > $out');
    assert.equal(await farm.statusOf(queued.build), 0);
    assert.equal(await farm.logOf(queued), 'said\n');
  } finally {
    builder.kill('SIGTERM');
    await once(builder, 'exit');
  }
  assert.equal(builder.exitCode, 0);
});
