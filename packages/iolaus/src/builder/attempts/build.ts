import type { BuildOptions, BuildResult, StorePath } from '@iolaus/nix';
import type { BuildOrder } from '../../protocol/build-order.ts';
import { AttemptError, failingAs } from './attempt-error.ts';
import type { BuildConnection } from './build-connections.ts';
import { watchDeadlines } from './deadlines.ts';
import type { Expired } from './deadlines.ts';
import type { BuildLog } from '../log/log.ts';
import { assertSuccess, isCached, mayLackInputs } from './verdict.ts';

/** A build that came to its outputs. */
export type Built = {
  readonly outputs: ReadonlyMap<string, StorePath>;
  /** The daemon had the outputs already, or fetched them. */
  readonly cached: boolean;
  readonly cpuUserMicroseconds: number | null;
  readonly cpuSystemMicroseconds: number | null;
};

export type BuildSettings = {
  /** 0: all there are. */
  readonly cores: number;
  /** Whether the daemon may fetch outputs and inputs instead. */
  readonly useSubstitutes: boolean;
};

/**
 * Has the daemon build what was ordered. Only if inputs are missing may it fetch them from substituters: where Nix may
 * fetch inputs it also asks for the outputs, with every build. The daemon keeps the limits; where it does not, we do.
 * Throws `AttemptError`.
 */
export async function build(
  connection: BuildConnection,
  order: BuildOrder,
  settings: BuildSettings,
  log: BuildLog,
): Promise<Built> {
  const result = await failingAs('preparing-failed', 'the Nix daemon does not build', async () => {
    const options = optionsFor(order, settings);
    await connection.daemon.setOptions(options);
    const tried = await buildWithinLimits(connection, order, log);
    if (!mayLackInputs(tried.status) || !(await lacksInputs(connection, order))) return tried;
    await connection.daemon.setOptions(fetchingInputs(options));
    return await buildWithinLimits(connection, order, log);
  });
  assertSuccess(order.derivationPath, result);
  assertAllOutputs(order, result);
  return {
    outputs: result.outputs,
    cached: isCached(result.status),
    cpuUserMicroseconds: result.cpuUserMicroseconds,
    cpuSystemMicroseconds: result.cpuSystemMicroseconds,
  };
}

function optionsFor(order: BuildOrder, settings: BuildSettings): BuildOptions {
  return {
    verbosity: 0,
    maxBuildJobs: 1,
    maxSilentSeconds: order.maxSilentSeconds,
    buildCores: settings.cores,
    useSubstitutes: settings.useSubstitutes,
    overrides: new Map([
      ['timeout', String(order.timeoutSeconds)],
      ['max-build-log-size', String(daemonLogLimit(order))],
      // Somebody else may be building the same: look every second whether they are done, not every five.
      ['build-poll-interval', '1'],
      // The runner has chosen this machine.
      ['builders', ''],
    ]),
  };
}

/** The daemon drops all of the piece with which a log exceeds its limit: that would be the last lines, or a whole short log. */
const daemonExcessBytes = 64 * 1024;

/** 0: none. The daemon's own limit is for lines that never end, since it passes on whole lines only. */
const daemonLogLimit = ({ maxLogBytes }: BuildOrder): number =>
  maxLogBytes === 0 ? 0 : maxLogBytes + daemonExcessBytes;

const endlessLine = ({ maxLogBytes }: BuildOrder): string =>
  `(the log was cut here: it may have ${maxLogBytes} bytes, and its last line has no end)`;

async function lacksInputs(
  { daemon }: BuildConnection,
  { derivation }: BuildOrder,
): Promise<boolean> {
  const valid = await daemon.queryValidPaths(derivation.inputSources);
  return derivation.inputSources.some((path) => !valid.has(path));
}

/** Substituters may have been asked before they had them. */
const fetchingInputs = (options: BuildOptions): BuildOptions => ({
  ...options,
  useSubstitutes: true,
  overrides: new Map([...(options.overrides ?? []), ['narinfo-cache-negative-ttl', '0']]),
});

async function buildWithinLimits(
  { daemon }: BuildConnection,
  order: BuildOrder,
  log: BuildLog,
): Promise<BuildResult> {
  const stopped = Promise.withResolvers<never>();
  // To end the connection is the only way to stop a build.
  const stop = (error: AttemptError) => {
    stopped.reject(error);
    daemon.destroy();
  };
  using deadlines = watchDeadlines(order, (what) => stop(expiredError(order, what)));
  const onLog = (line: Uint8Array): void => {
    deadlines.heard();
    log.write(line);
    if (order.maxLogBytes > 0 && log.totalBytes > order.maxLogBytes) stop(logLimitError(order));
  };
  const result = daemon.buildDerivation(order.derivationPath, order.derivation, { onLog });
  const ended = await Promise.race([stopped.promise, result]);
  if (ended.status === 'log-limit-exceeded') log.write(Buffer.from(endlessLine(order)));
  return ended;
}

function expiredError(order: BuildOrder, what: Expired): AttemptError {
  return new AttemptError(
    'timed-out',
    what === 'timeout'
      ? `build of ${order.derivationPath} timed out after ${order.timeoutSeconds} seconds`
      : `build of ${order.derivationPath} timed out after ${order.maxSilentSeconds} seconds of silence`,
  );
}

function logLimitError(order: BuildOrder): AttemptError {
  return new AttemptError(
    'log-limit-exceeded',
    `build of ${order.derivationPath} wrote a log of more than ${order.maxLogBytes} bytes`,
  );
}

function assertAllOutputs(order: BuildOrder, result: BuildResult): void {
  const missing = [...order.derivation.outputs.keys()].filter((name) => !result.outputs.has(name));
  if (missing.length === 0) return;
  throw new AttemptError(
    'post-processing-failed',
    `the Nix daemon reports success for ${order.derivationPath}, but not where its outputs are: ${missing.join(', ')}`,
  );
}
