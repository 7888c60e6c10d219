import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { generateSecretKey, printPublicKey, printSecretKey, publicKeyOf } from '@iolaus/nix';
import { readUploads } from '../../database/uploads.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

/** What is run on the other machine runs on this one: the last word, as ssh has it. */
const localSsh = '#!/bin/sh\nfor word; do command=$word; done\nexec sh -c "$command"\n';

/** Nix's programs find the farm's daemon and its ssh, as those of a runner find its own. */
async function enter({ daemon, folder }: LiveFarm): Promise<void> {
  const programs = join(folder, 'bin');
  await mkdir(programs);
  await writeFile(join(programs, 'ssh'), localSsh);
  await chmod(join(programs, 'ssh'), 0o755);
  const path = `${programs}:${daemon.environment['PATH'] ?? ''}`;
  Object.assign(process.env, daemon.environment, { PATH: path });
}

test('what is built is copied over ssh by Nix, to a store that only it knows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'key-'));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const key = generateSecretKey('farm-1');
  await writeFile(join(folder, 'key'), printSecretKey(key));
  // The other machine wants to see who built it; its settings are the same here.
  const daemonSettings = {
    'secret-key-files': join(folder, 'key'),
    'trusted-public-keys': printPublicKey(publicKeyOf(key)),
  };
  await using farm = await openLiveFarm({ daemonSettings });
  await enter(farm);
  const root = join(farm.folder, 'other-machine');
  const remote = encodeURIComponent(`local?root=${root}`);
  const remoteStoreAddr = [`ssh-ng://other-machine?remote-store=${remote}`];
  await using runner = await farm.startRunner({ remoteStoreAddr });
  await using _builder = await farm.startBuilder(runner.endpoint);
  const { build } = await farm.queue('copied', 'echo over there > $out');
  assert.equal(await farm.statusOf(build), 0);
  await until(async () => (await readUploads(farm.database, 'all')).length === 0);
  const [row] = await farm.database.query<{ path: string }>(
    'select path from buildoutputs where build = $1',
    [build],
  );
  const copied = join(root, 'nix/store', basename(row?.path ?? ''));
  assert.equal(await readFile(copied, 'utf8'), 'over there\n');
});

test('a machine that cannot be reached is tried again later, and shown meanwhile', async () => {
  await using farm = await openLiveFarm();
  await enter(farm);
  await writeFile(join(farm.folder, 'bin/ssh'), '#!/bin/sh\nexit 255\n');
  await using runner = await farm.startRunner({ remoteStoreAddr: ['ssh-ng://away'] });
  await using _builder = await farm.startBuilder(runner.endpoint);
  const { build } = await farm.queue('kept', 'echo > $out');
  assert.equal(await farm.statusOf(build), 0);
  const waiting = await until(async () =>
    (await readUploads(farm.database, 'all')).find(({ tries }) => tries > 0),
  );
  assert.equal(waiting.isGivenUp, false);
  assert.match(waiting.error ?? '', /nix copy --to ssh-ng:\/\/away failed/);
});
