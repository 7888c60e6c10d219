import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openTestS3 } from '../cache/testing/test-s3.ts';
import { lookApart, openLiveFarm } from '../testing/live-farm.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const program = 'hydra-builder.mjs';
const run = promisify(execFile);

/** What a machine has: in a folder of its own the one file that the build makes of the builder, and `nix` on the PATH. */
async function openMachine(): Promise<
  AsyncDisposable & { readonly home: string; readonly path: string }
> {
  await run(process.execPath, ['scripts/build.ts'], { cwd: root });
  const home = await mkdtemp(join(tmpdir(), 'bundle-'));
  await copyFile(join(root, 'dist', program), join(home, program));
  const path = join(home, 'bin');
  await mkdir(path);
  const { stdout } = await run('/bin/sh', ['-c', 'command -v nix']);
  await symlink(stdout.trim(), join(path, 'nix'));
  return { home, path, [Symbol.asyncDispose]: () => rm(home, { recursive: true }) };
}

test('the builder is also one file, which needs Node.js and Nix and nothing beside it', async () => {
  await using machine = await openMachine();
  const { home, path } = machine;
  const said = await run(process.execPath, [program, '--version'], { cwd: home });
  assert.match(said.stdout, /^hydra-builder \d/);
  const misuse = run(process.execPath, [program, '-c', 'missing.toml'], { cwd: home });
  await assert.rejects(misuse, { code: 2, stderr: /missing\.toml does not exist/ });

  await using s3 = await openTestS3();
  await using farm = await openLiveFarm();
  Object.assign(process.env, s3.environment);
  const cache = `${s3.address}&compression=xz&store=${farm.daemon.address.storeDirectory}`;
  await using runner = await farm.startRunner({
    remoteStoreAddr: [cache],
    usePresignedUploads: true,
  });
  const nix = { ...(await lookApart(farm.daemon)), PATH: path, HOME: home };
  const builder = spawn(process.execPath, [program, '--gateway-endpoint', runner.endpoint], {
    cwd: home,
    env: nix,
    stdio: 'ignore',
  });
  try {
    const queued = await farm.queue('bundled', 'echo said; echo > $out');
    assert.equal(await farm.statusOf(queued.build), 0);
    assert.equal(await farm.logOf(queued), 'said\n');
    // There is no xz, which the cache would like.
    assert.ok((await s3.keys()).some((key) => key.endsWith('.nar.zst')));
  } finally {
    builder.kill('SIGUSR2');
    await once(builder, 'exit');
  }
  assert.equal(builder.exitCode, 0);
});
