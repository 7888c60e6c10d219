import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { DaemonAddress } from '@iolaus/nix';
import { systemClock } from '../clock/system-clock.ts';
import type { Database } from '../database/connection.ts';
import { createFarm } from '../farm/farm.ts';
import type { Logger } from '../logging/logger.ts';
import { serveRunner } from '../protocol/server.ts';
import { assembleRunner, logDirectoryOf } from './assemble.ts';
import type { Runner } from './assemble.ts';
import type { RunnerConfiguration } from './configuration.ts';
import { writeLogFile } from './log-files.ts';
import { openRunnerStore } from './store.ts';

export type { Runner } from './assemble.ts';

export type RunnerOptions = {
  readonly configuration: RunnerConfiguration;
  readonly database: Database;
  readonly daemon: DaemonAddress;
  /** `host:port`, or the absolute path of a Unix socket. */
  readonly grpcBind: string;
  readonly tokens: readonly string[] | null;
  readonly logger: Logger;
};

/** The queue runner: takes what is queued, has it built, records what came of it. */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { configuration, database, daemon, logger } = options;
  mkdirSync(logDirectoryOf(configuration), { recursive: true });
  await using starting = new AsyncDisposableStack();
  const store = starting.use(openRunnerStore(daemon));
  const runner = starting.use(
    await assembleRunner(
      {
        clock: systemClock,
        makeUuid: randomUUID,
        database,
        store,
        writeLog: writeLogFile,
        logger,
        createFarm,
        serve: (handlers) =>
          serveRunner({
            bind: options.grpcBind,
            tokens: () => options.tokens,
            storeDirectory: daemon.storeDirectory,
            handlers,
          }),
      },
      configuration,
    ),
  );
  const running = starting.move();
  return { ...runner, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
