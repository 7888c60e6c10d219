import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram } from '../child-program.ts';
import { openOtherMachine } from '../hydra/other-machine.ts';
import { ownBuilder, ownRunner } from '../hydra/programs.ts';
import { openLiveFarm, until } from '../live-farm.ts';
import type { LiveFarm } from '../live-farm.ts';
import { openWire } from '../wire.ts';
import type { Wire } from '../wire.ts';
import { keepPart } from './kept-part.ts';
import type { KeptPart } from './kept-part.ts';

/** Two runners, one of which stands by, and builders: processes that are kept running. */
export type StormFarm = AsyncDisposable & {
  readonly farm: LiveFarm;
  readonly runners: readonly KeptPart[];
  readonly builders: readonly StormBuilder[];
};

export type StormBuilder = {
  readonly part: KeptPart;
  /** Its ways to the runners. */
  readonly wires: readonly Wire[];
};

const secondsMax = 300;
const runnerNames = ['one', 'two'];
const builderNames = ['ares', 'boreas', 'charon'];

/** Resolves when all builders have joined. */
export async function openStormFarm(): Promise<StormFarm> {
  await using opening = new AsyncDisposableStack();
  const farm = opening.use(await openLiveFarm());
  await writeFile(join(farm.folder, 'runner.toml'), 'retryInterval = 1\n');
  await writeFile(join(farm.folder, 'builder.toml'), 'maxJobs = 2\n');
  const runners = runnerNames.map((name) => opening.use(keepRunner(farm, name)));
  const builders: StormBuilder[] = [];
  for (const name of builderNames) builders.push(await keepBuilder(farm, name, opening));
  await Promise.all(builders.map(({ part }) => part.current.told(/joined the runner/)));
  const open = opening.move();
  return { farm, runners, builders, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function keepRunner({ folder, databaseUrl, daemon }: LiveFarm, name: string): KeptPart {
  const config = join(folder, 'runner.toml');
  const places = ['--data-dir', join(folder, `${name}.data`), '--grpc-bind', join(folder, name)];
  const flags = ['--standby', '--config-path', config, '--db-url', databaseUrl, ...places];
  const { environment } = daemon;
  return keepPart(() =>
    startProgram([...ownRunner.command, ...flags, '--rest-bind', '127.0.0.1:0'], {
      environment,
      secondsMax,
    }),
  );
}

/** As good as on another machine, with a store of its own. */
async function keepBuilder(
  { folder, daemon }: LiveFarm,
  hostname: string,
  opening: AsyncDisposableStack,
): Promise<StormBuilder> {
  const { enter, environment } = opening.use(await openOtherMachine(daemon, hostname));
  const wires: Wire[] = [];
  for (const runner of runnerNames)
    wires.push(opening.use(await openWire(join(folder, runner), hostname)));
  const state = join(folder, `${hostname}.state`);
  await mkdir(state);
  const config = join(folder, 'builder.toml');
  const ways = wires.map(({ endpoint }) => endpoint).join(',');
  const identity = ['--hostname', hostname, '--state-dir', state, '--config-path', config];
  const flags = ['--gateway-endpoint', ways, ...identity];
  const start = () =>
    startProgram([...enter, ...ownBuilder.command, ...flags], { environment, secondsMax });
  return { part: opening.use(keepPart(start)), wires };
}

/** The runner that leads, when there is one. */
export const leaderOf = ({ runners }: StormFarm): Promise<KeptPart> =>
  until(() => runners.find(({ current }) => /runner: unix/.test(current.printed.stderr)));
