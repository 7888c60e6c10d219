import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseMachineUuid } from '../../protocol/identity.ts';
import { newPathCounters } from './path-counters.ts';
import { findBuildDirectory, measurePing } from './ping.ts';

test('Nix builds where it was told to, else below its state, else where all temporary files go', async () => {
  await using opening = new AsyncDisposableStack();
  const stateDirectory = opening.adopt(await mkdtemp(join(tmpdir(), 'state-')), (path) =>
    rm(path, { recursive: true }),
  );
  const find = (buildDirectory: string | null): string =>
    findBuildDirectory({ buildDirectory }, { stateDirectory });
  assert.equal(find('/scratch'), '/scratch');
  assert.equal(find(null), '/tmp');
  await mkdir(join(stateDirectory, 'builds'));
  assert.equal(find(null), join(stateDirectory, 'builds'));
});

test('space of which nobody can tell stands in the way of nothing', async () => {
  const ping = await measurePing({
    machine: parseMachineUuid('00000000-0000-4000-8000-000000000001') ?? assert.fail(),
    buildDirectory: '/nowhere',
    storeDirectory: '/',
    counters: newPathCounters(),
  });
  assert.equal(ping.buildDirectoryFreePercent, 100);
  assert.ok(ping.storeFreePercent < 100);
});
