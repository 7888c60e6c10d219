import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import type { DaemonAddress } from '@iolaus/nix';
import { findNewerNix } from '@iolaus/nix/testing';
import { startProgram } from '../child-program.ts';
import type { ChildProgram } from '../child-program.ts';
import { openLiveFarm, until } from '../live-farm.ts';
import type { LiveFarm, QueuedScript } from '../live-farm.ts';
import { findFreeAddress } from './free-address.ts';
import { openOtherMachine } from './other-machine.ts';
import type { Program } from './programs.ts';
import { openWay } from './ways.ts';
import type { WayName } from './ways.ts';

/** A runner and a builder, each Hydra's or ours, as processes on two machines. */
export interface MixedFarm extends AsyncDisposable {
  readonly farm: LiveFarm;
  /** Where the runner answers. */
  readonly rest: string;
  readonly runnerFile: string;
  /** Resolves when it answers. */
  startRunner(program: Program): Promise<ChildProgram>;
  /** Resolves when the runner knows it. */
  startBuilder(program: Program): Promise<ChildProgram>;
  /** As a service manager does: it is started again whenever it has ended. */
  keepBuilder(program: Program): AsyncDisposable;
  /** Of a finished build, as far as it is there by now. */
  logOf(queued: QueuedScript): Promise<string>;
}

type Settings = Readonly<Record<string, unknown>>;

const hostname = 'ares';
// Hydra's units wait longer; nobody has to here.
const restartMilliseconds = 200;
// A whole farm of debug builds may take so long.
const secondsMax = 400;

export async function openMixedFarm(
  wayName: WayName,
  {
    settings = () => ({}),
    environment = {},
    daemonSettings = {},
  }: {
    /** For the runner's file. */
    readonly settings?: (daemon: DaemonAddress) => Settings;
    readonly environment?: NodeJS.ProcessEnv;
    readonly daemonSettings?: Readonly<Record<string, string>>;
  } = {},
): Promise<MixedFarm> {
  await using opening = new AsyncDisposableStack();
  // Hydra's builder asks for a newer one than Debian 12 has.
  const programs = (await findNewerNix())?.folder;
  const farm = opening.use(await openLiveFarm({ ...(programs && { programs }), daemonSettings }));
  const builders = opening.use(await openOtherMachine(farm.daemon, hostname));
  const way = await openWay(wayName, farm.folder);
  const restBind = await findFreeAddress();
  const rest = `http://${restBind}`;
  const write = async (name: string, content: Settings): Promise<string> => {
    const file = join(farm.folder, name);
    await writeFile(file, printToml(content));
    return file;
  };
  const runnerFile = await write('runner.toml', {
    hydraDataDir: farm.folder,
    dbUrl: farm.databaseUrl,
    rootsDir: join(farm.folder, 'roots'),
    retryInterval: 1,
    queueTriggerTimerInS: 2,
    dispatchTriggerTimerInS: 1,
    ...way.runnerSettings,
    ...settings(farm.daemon.address),
  });
  const builderFile = await write('builder.toml', { maxJobs: 9, pingInterval: 1 });
  // Hydra's programs want it.
  const user = { LOGNAME: 'root' };
  const launchBuilder = ({ command, hasSettingsFile }: Program): ChildProgram => {
    const told = hasSettingsFile
      ? ['-c', builderFile]
      : ['--max-jobs', '9', '--ping-interval', '1'];
    return startProgram([...builders.enter, ...command, ...told, ...way.builderFlags], {
      environment: { ...builders.environment, ...user, ...environment },
      secondsMax,
    });
  };
  const untilThere = (
    program: ChildProgram,
    isThere: (machines: readonly string[]) => boolean,
  ): Promise<unknown> =>
    until(async () => {
      const end = await Promise.race([program.ended, Promise.resolve(null)]);
      if (end !== null) assert.fail(`it ended: ${end.stderr}`);
      const machines = await machinesOf(rest);
      return machines !== null && isThere(machines);
    });
  const open = opening.move();
  return {
    farm,
    rest,
    runnerFile,
    startRunner: async ({ command }) => {
      const flags = ['-c', runnerFile, '-r', restBind, ...way.runnerFlags];
      const runner = startProgram([...command, ...flags], {
        environment: { ...farm.daemon.environment, ...user, ...environment },
        secondsMax,
      });
      await untilThere(runner, () => true);
      return runner;
    },
    startBuilder: async (program) => {
      const builder = launchBuilder(program);
      await untilThere(builder, (machines) => machines.includes(hostname));
      return builder;
    },
    keepBuilder: (program) => keepAlive(() => launchBuilder(program)),
    logOf: ({ derivation }) => {
      const path = join(farm.folder, 'build-logs', derivation.slice(0, 2), derivation.slice(2));
      return readFile(path, 'utf8').catch(async () =>
        zstdDecompressSync(await readFile(`${path}.zst`)).toString(),
      );
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function keepAlive(launch: () => ChildProgram): AsyncDisposable {
  let current = launch();
  const leaving = new AbortController();
  const watch = async (): Promise<void> => {
    await current.ended;
    await sleep(restartMilliseconds);
    if (leaving.signal.aborted) return;
    current = launch();
    await watch();
  };
  const watching = watch();
  return {
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await current[Symbol.asyncDispose]();
      await watching;
    },
  };
}

/** Host names; null where nobody answers. */
async function machinesOf(rest: string): Promise<readonly string[] | null> {
  const answer = await fetch(`${rest}/status/machines`).catch(() => null);
  if (answer === null) return null;
  const shape = z.object({ machines: z.record(z.string(), z.unknown()) });
  return Object.keys(shape.parse(await answer.json()).machines);
}

const printToml = (settings: Settings): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    .join('');
