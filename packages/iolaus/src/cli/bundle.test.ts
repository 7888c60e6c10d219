import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

test('the builder is also one file that needs nothing beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  try {
    const built = spawnSync(process.execPath, ['scripts/build.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(built.status, 0, built.stderr);
    copyFileSync(join(root, 'dist/hydra-builder.mjs'), join(folder, 'hydra-builder.mjs'));
    const run = (...parameters: readonly string[]) =>
      spawnSync(process.execPath, ['hydra-builder.mjs', ...parameters], {
        cwd: folder,
        encoding: 'utf8',
      });
    assert.match(run('--version').stdout, /^hydra-builder \d/);
    const refused = run('--gateway-endpoint', 'nowhere', '--config-path', 'missing.toml');
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /missing\.toml does not exist/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
