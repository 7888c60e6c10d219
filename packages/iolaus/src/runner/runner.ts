import type { Bind } from '../protocol/bind.ts';
import { serveRunner } from '../protocol/server/runner-server.ts';
import type { RunnerServer, ServerTls } from '../protocol/server/runner-server.ts';
import { assembleRunner } from './assembly/assemble.ts';
import type { Runner } from './assembly/assemble.ts';
import { openRealDoors } from './assembly/real-doors.ts';
import type { RunnerWorld } from './assembly/real-doors.ts';
import type { GuardPace } from './attempts/limit-guard.ts';
import type { RunnerDoors } from './doors.ts';
import { serveStatus } from './http/serve-status.ts';
import type { RunnerConfiguration } from './settings/configuration.ts';

export type { Runner } from './assembly/assemble.ts';

export type RunnerOptions = RunnerWorld & {
  readonly configuration: RunnerConfiguration;
  /** Where builders dial, and where status and metrics are; null: nowhere. */
  readonly grpcBind: Bind;
  readonly restBind: Bind | null;
  /** Asked at every call; null: everybody may build. */
  readonly tokens: () => readonly string[] | null;
  /** Asked likewise; by default there are no join tokens. */
  readonly joinKey?: () => string | null;
  /** The same of those who may declare an emergency; null: whoever is on this machine. */
  readonly emergencyTokens: () => readonly string[] | null;
  /** By default builders speak in the clear. */
  readonly tls?: ServerTls | null;
  /** False: only builds that are taken by name. */
  readonly followsQueue?: boolean;
  /** How soon builders that do not keep limits are stopped; by default two minutes later. */
  readonly guardPace?: GuardPace;
};

export type ServedRunner = Runner & {
  /** What asks for its status on this machine. */
  readonly restUrl: string | null;
  /** Builders that dial from now on see these. Throws `Fault`, and leaves it as it was. */
  renewCertificates(tls: ServerTls): void;
};

/** The queue runner: takes what is queued, has it built, records what came of it. */
export async function startRunner(options: RunnerOptions): Promise<ServedRunner> {
  const { configuration, followsQueue = true, guardPace, restBind } = options;
  let current = configuration;
  await using starting = new AsyncDisposableStack();
  const { doors, publishing } = starting.use(await openRealDoors(options, () => current));
  let server: RunnerServer | undefined;
  const serve: RunnerDoors['serve'] = async (handlers) =>
    (server = await serveRunner({
      bind: options.grpcBind,
      tokens: options.tokens,
      joinKey: options.joinKey ?? (() => null),
      tls: options.tls ?? null,
      storeDirectory: options.daemon.storeDirectory,
      handlers,
    }));
  const runner = starting.use(
    await assembleRunner({ ...doors, serve }, configuration, { followsQueue, guardPace }),
  );
  const { tokens, emergencyTokens } = options;
  const status = { doors, publishing: publishing.status, tokens, emergencyTokens };
  const rest =
    restBind === null
      ? null
      : starting.use(await serveStatus(runner, { ...status, bind: restBind }));
  const running = starting.move();
  return {
    ...runner,
    restUrl: rest?.url ?? null,
    async reconfigure(next) {
      publishing.change(next);
      current = next;
      await runner.reconfigure(next);
    },
    renewCertificates: (tls) => server?.renewCertificates(tls),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
