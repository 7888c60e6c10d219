import { queryClosure } from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import { readNixSupport } from '../../nix-support/nix-support.ts';
import type { ReportedOutput } from '../../protocol/attempt-report.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import { AttemptError } from './attempt-error.ts';
import type { BuildConnection } from './build-connections.ts';

/** What came out of a build, and all that it needs to run. */
export type Outputs = {
  readonly paths: ReadonlyMap<string, StorePath>;
  /** Of all outputs together, dependencies first. */
  readonly closure: readonly PathInfo[];
  /** By output. Bytes; what several outputs need counts for each. */
  readonly closureSizes: ReadonlyMap<string, number>;
  readonly infos: ReadonlyMap<string, PathInfo>;
};

/**
 * Looks at the outputs of a build in the store, and at their closures; each path is asked for once. Throws `AttemptError`
 * if one is missing or larger than was ordered.
 */
export async function measureOutputs(
  { daemon }: BuildConnection,
  order: BuildOrder,
  paths: ReadonlyMap<string, StorePath>,
): Promise<Outputs> {
  const known = new Map<StorePath, PathInfo>();
  const closure = await queryClosure(daemon, [...paths.values()], { known });
  const infos = new Map<string, PathInfo>();
  const closureSizes = new Map<string, number>();
  for (const [name, path] of paths) {
    infos.set(name, checkOutput(order, name, path, known.get(path)));
    closureSizes.set(name, await closureSize(daemon, path, known));
  }
  return { paths, closure, closureSizes, infos };
}

/** Reads what the outputs say of themselves, and puts together what the runner is told of them. */
export async function describeOutputs(
  outputs: Outputs,
  options: {
    readonly daemon: BuildConnection['daemon'];
    readonly physicalDirectory: string;
    readonly signal: AbortSignal;
  },
): Promise<ReadonlyMap<string, ReportedOutput>> {
  const supports = await readNixSupport(options.daemon.storeDirectory, outputs.paths, options);
  return new Map(
    [...outputs.infos].map(([name, { path, narSize, narHash }]) => [
      name,
      {
        path,
        narSize,
        narHash,
        closureSize: outputs.closureSizes.get(name) ?? narSize,
        nixSupport: supports.get(name) ?? null,
      },
    ]),
  );
}

function checkOutput(
  order: BuildOrder,
  name: string,
  path: StorePath,
  info: PathInfo | undefined,
): PathInfo {
  if (info === undefined) {
    throw new AttemptError(
      'post-processing-failed',
      `the output ${name} of ${order.derivationPath} was built, but ${path} is not in the store`,
    );
  }
  if (order.maxOutputBytes > 0 && info.narSize > order.maxOutputBytes) {
    throw new AttemptError(
      'output-limit-exceeded',
      `the output ${name} of ${order.derivationPath} has ${info.narSize} bytes, which is more than ${order.maxOutputBytes}`,
    );
  }
  return info;
}

async function closureSize(
  daemon: BuildConnection['daemon'],
  path: StorePath,
  known: Map<StorePath, PathInfo>,
): Promise<number> {
  const closure = await queryClosure(daemon, [path], { known });
  return closure.reduce((size, { narSize }) => size + narSize, 0);
}
