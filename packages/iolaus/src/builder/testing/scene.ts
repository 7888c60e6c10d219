import { scriptDerivation, startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import type { BasicDerivation, StoreDirectory, StorePath } from '@iolaus/nix';
import { createLogger } from '../../logging/logger.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import { startBuilder } from '../builder.ts';
import type { Builder, BuilderOptions } from '../builder.ts';
import { builderConfigurationSchema } from '../configuration.ts';
import { TestRunner } from './runner.ts';
import type { TestRunnerOptions } from './runner.ts';

/** A builder at work for a runner, over a daemon of its own. */
export type Scene = AsyncDisposable & {
  readonly daemon: PrivateDaemon;
  readonly runner: TestRunner;
  readonly builder: Builder;
  /** What the builder said of itself. */
  readonly lines: readonly string[];
  /** Orders a script to be built, with limits if they are given. */
  order(script: ScriptOrder): Promise<{ attempt: AttemptUuid; output: StorePath }>;
};

export type ScriptOrder = { readonly script: string } & Partial<
  Omit<BuildOrder, 'attempt' | 'derivation' | 'derivationPath'>
> & {
    readonly name?: string;
    readonly inputs?: readonly StorePath[];
    /** Makes another derivation of it. */
    readonly change?: (derivation: BasicDerivation) => BasicDerivation;
  };

export type SceneOptions = {
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly runner?: Partial<TestRunnerOptions>;
  readonly builder?: Partial<BuilderOptions>;
  readonly daemon?: PrivateDaemon;
};

const noLimits = {
  maxLogBytes: 1024 * 1024,
  maxSilentSeconds: 0,
  timeoutSeconds: 0,
  maxOutputBytes: 0,
  presignedUpload: null,
} as const;

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const daemon = options.daemon ?? opening.use(await startPrivateDaemon());
  const { storeDirectory } = daemon.address;
  const runner = opening.use(
    await TestRunner.start({ storeDirectory, sharesStore: true, ...options.runner }),
  );
  const lines: string[] = [];
  const builder = opening.use(
    await startBuilder({
      ...builderOptions(daemon, runner.endpoint, options.configuration, lines),
      ...options.builder,
    }),
  );
  const open = opening.move();
  return {
    daemon,
    runner,
    builder,
    lines,
    order: async (wanted) => {
      const { order, output } = scriptOrder(storeDirectory, wanted);
      return { attempt: await runner.order(order), output };
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** A script as a runner orders it, and where its output will be. */
export function scriptOrder(
  storeDirectory: StoreDirectory,
  { script, name = 'thing', inputs = [], change, ...limits }: ScriptOrder,
) {
  const { path, derivation, output } = scriptDerivation(storeDirectory, {
    name,
    script,
    inputSources: inputs,
  });
  const order = {
    derivationPath: path,
    derivation: change?.(derivation) ?? derivation,
    ...noLimits,
    ...limits,
  };
  return { order, output };
}

export function builderOptions(
  daemon: PrivateDaemon,
  gatewayEndpoint: string,
  configuration: Readonly<Record<string, unknown>> = {},
  lines: string[] = [],
): BuilderOptions {
  return {
    gatewayEndpoint,
    token: null,
    tls: null,
    configuration: builderConfigurationSchema.parse({ maxJobs: 2, ...configuration }),
    daemon: daemon.address,
    environment: daemon.environment,
    logger: createLogger({
      program: 'builder',
      level: 'debug',
      destination: { isTerminal: false, write: (text) => void lines.push(text) },
    }),
  };
}
