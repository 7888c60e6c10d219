import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DaemonConnection, derivationPath, parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { systemClock } from '../../clock/system-clock.ts';
import { openRunnerStore } from '../store/runner-store.ts';
import { openLeftovers } from './leftovers.ts';

const nothing = (): void => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const missing = parseBaseName(`${'0'.repeat(32)}-doc`);
const derivation = derivationPath(`${'0'.repeat(32)}-parts.drv`);

/** Which of the outputs are there when those that are left have been cleared. */
async function clear(
  daemon: PrivateDaemon,
  outputs: readonly StorePath[],
): Promise<readonly StorePath[]> {
  await using store = openRunnerStore(daemon.address, join(daemon.directory, 'roots'));
  const { local } = store;
  const leftovers = openLeftovers({
    local,
    clock: systemClock,
    logger: silent,
    derivations: { outputs: () => new Map(outputs.map((path) => [path, path])) },
    handOvers: { settled: async () => {} },
  });
  await leftovers.clear(derivation);
  const valid = await local.validPaths(outputs);
  return outputs.filter((path) => valid.has(path));
}

test('a part of the outputs goes, also where one refers to the other', async () => {
  await using daemon = await startPrivateDaemon();
  const outputs = await addOutputs(daemon);
  assert.deepEqual(await clear(daemon, outputs), outputs);
  assert.deepEqual(await clear(daemon, [...outputs, missing]), []);
});

test('what is in use stays', async () => {
  await using daemon = await startPrivateDaemon();
  await using connection = await DaemonConnection.connect(daemon.address);
  const used = await connection.addTextToStore('used', 'text');
  assert.deepEqual(await clear(daemon, [used, missing]), [used]);
});

async function addOutputs(daemon: PrivateDaemon): Promise<readonly StorePath[]> {
  await using connection = await DaemonConnection.connect(daemon.address);
  const out = await connection.addTextToStore('out', 'text');
  const dev = await connection.addTextToStore('dev', `see ${out}`, [out]);
  return [out, dev];
}
