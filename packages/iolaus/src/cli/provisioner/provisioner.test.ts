import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'smol-toml';
import { z } from 'zod';
import { findLocalProcess } from '../../provisioner/drivers/local-process.ts';
import { findFreePort } from '../../setup/free-port.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import type { IolausProcess } from '../../testing/iolaus-process.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { queueMany } from '../../testing/queue-many.ts';
import { processesOf } from '../../testing/process-list.ts';

const builds = 300;
const key = 'sign with this';

test('a farm grows from nothing to its most, builds, and shrinks to nothing, whoever is killed on the way', async () => {
  await using farm = await openLiveFarm();
  await using parts = await openParts(farm);
  let runner = await parts.startRunner();
  let provisioner = await parts.startProvisioner();
  await queueMany(farm, builds, 'sleep 0.1; echo > $out');

  await until(async () => (await parts.machines()).length === 3);
  // Wherever it was with them: the next one finds what is there, and makes what it had only wished for.
  provisioner.signal('SIGKILL');
  await provisioner.ended;
  provisioner = await parts.startProvisioner();

  await until(async () => (await parts.succeeded()) > 20);
  process.kill(await parts.builderPid(), 'SIGKILL');
  await until(async () => (await parts.succeeded()) > 80);
  runner.signal('SIGKILL');
  await runner.ended;
  runner = await parts.startRunner();

  await until(async () => (await parts.succeeded()) === builds);
  assert.match(await parts.sentence(), /^\d wanted: \d+ steps can start, 10 for each machine/);
  await until(async () => (await parts.machines()).length === 0);
  assert.ok(parts.most <= 3, `${parts.most} machines at once`);
  const left = await processesOf(parts.directory);
  assert.deepEqual(left, []);
  const failed = await farm.database.query('select 1 from builds where buildstatus <> 0');
  assert.deepEqual(failed, []);
  for (const part of [provisioner, runner]) {
    part.signal('SIGTERM');
    assert.equal((await part.ended).status, 0);
  }
});

const toldSchema = z.object({
  provisioners: z.array(z.object({ pools: z.array(z.object({ sentence: z.string() })) })),
});

type Parts = AsyncDisposable & {
  readonly directory: string;
  /** The most machines that were seen at once. */
  readonly most: number;
  startRunner(): Promise<IolausProcess>;
  startProvisioner(): Promise<IolausProcess>;
  machines(): Promise<string[]>;
  /** The process of one of its builders. */
  builderPid(): Promise<number>;
  succeeded(): Promise<number>;
  /** What the runner tells of the pool, for the page. */
  sentence(): Promise<string>;
};

async function openParts(farm: LiveFarm): Promise<Parts> {
  const { folder, daemon } = farm;
  const directory = join(folder, 'machines');
  const [port, socket] = [await findFreePort('127.0.0.1', 28_080), join(folder, 'runner')];
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, key);
  const runnerFile = join(folder, 'runner.toml');
  await writeFile(runnerFile, stringify({ joinKeyPath: keyFile, rejoinTimeInS: 4 }));
  const file = join(folder, 'provisioner.toml');
  await writeFile(file, stringify(configurationOf({ port, socket, keyFile, folder, directory })));
  const environment = { ...daemon.environment, IOLAUS_LOG: 'info' };
  const start = async (words: readonly string[], said: RegExp): Promise<IolausProcess> => {
    const part = started.use(startIolaus(words, { environment }));
    await part.told(said);
    return part;
  };
  const started = new AsyncDisposableStack();
  let most = 0;
  const machines = async (): Promise<string[]> => {
    const names = await readdir(directory).catch(() => []);
    // What has died leaves its folder for a while.
    const pids = await Promise.all(names.map((name) => findLocalProcess(join(directory, name))));
    const living = names.filter((_, index) => pids[index] !== null);
    most = Math.max(most, living.length);
    return living;
  };
  return {
    directory,
    get most() {
      return most;
    },
    machines,
    startRunner: () => {
      const flags = ['--grpc-bind', socket, '--rest-bind', `127.0.0.1:${port}`];
      const places = ['--data-dir', folder, '--db-url', farm.databaseUrl];
      return start(['runner', '-c', runnerFile, ...flags, ...places], /iolaus runner:/);
    },
    startProvisioner: () => start(['provisioner', '--config', file], /iolaus provisioner:/),
    builderPid: () =>
      until(async () => {
        const found = await processesOf(directory);
        return found.find(({ command }) => command.includes('iolaus.js builder'))?.pid;
      }),
    succeeded: async () => {
      const [row] = await farm.database.query<{ count: number }>(
        'select count(*)::int4 as count from builds where finished = 1 and buildstatus = 0',
      );
      await machines();
      return z.number().parse(row?.count);
    },
    sentence: () =>
      until(async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/provisioners`);
        return toldSchema.parse(await answer.json()).provisioners[0]?.pools[0]?.sentence;
      }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

const configurationOf = (place: {
  readonly port: number;
  readonly socket: string;
  readonly keyFile: string;
  readonly folder: string;
  readonly directory: string;
}) => ({
  owner: 'test',
  runner: `http://127.0.0.1:${place.port}`,
  tick: '200ms',
  stateDirectory: join(place.folder, 'provisioner'),
  join: { endpoint: `unix://${place.socket}`, keyFile: place.keyFile },
  drivers: { here: { type: 'local', directory: place.directory } },
  pools: [
    {
      name: 'small',
      driver: 'here',
      systems: ['x86_64-linux', 'aarch64-linux'],
      maxJobs: 4,
      max: 3,
      runnablesPerMachine: 10,
      gracePeriod: '1s',
    },
  ],
});
