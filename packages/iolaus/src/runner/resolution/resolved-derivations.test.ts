import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonPool, derivationPath, fromUtf8, makeDerivationPath } from '@iolaus/nix';
import type { Derivation } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { openResolvedDerivations } from './resolved-derivations.ts';

const resolved: Derivation = {
  name: 'resolved',
  outputs: new Map([['out', { type: 'floating', method: 'nar', algorithm: 'sha256' }]]),
  inputDerivations: new Map(),
  inputSources: [],
  system: fromUtf8('x86_64-linux'),
  builder: fromUtf8('/bin/sh'),
  arguments: [],
  environment: new Map(),
};

test('what a derivation was resolved into outlasts the garbage collector until it is let go', async () => {
  await using daemon = await startPrivateDaemon();
  const { storeDirectory } = daemon.address;
  const file = join(storeDirectory, makeDerivationPath(storeDirectory, resolved));
  const original = derivationPath(`${'0'.repeat(32)}-original.drv`);
  const collect = () => promisify(execFile)('nix-store', ['--gc'], { env: daemon.environment });
  const open = (pool: DaemonPool) =>
    openResolvedDerivations(pool, join(daemon.directory, 'resolved'));
  {
    await using pool = new DaemonPool(daemon.address, { limit: 1 });
    await open(pool).hold(original, resolved);
  }
  await collect();
  assert.ok(existsSync(file));
  await using pool = new DaemonPool(daemon.address, { limit: 1 });
  assert.deepEqual(await open(pool).held(), [original]);
  await open(pool).letGo(original);
  await collect();
  assert.ok(!existsSync(file));
});
