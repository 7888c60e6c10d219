import { queryClosure } from '@iolaus/nix';
import type { PathInfo, StoreDirectory, StorePath } from '@iolaus/nix';
import { readNixSupport } from '../../nix-support/nix-support.ts';
import type { OutputFigures, ReportedOutput } from '../../protocol/attempt-report.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import { AttemptError } from './attempt-error.ts';
import type { BuildConnection } from './build-connections.ts';

/** What came out of a build, and all that it needs to run. */
export type Outputs = {
  /** Of all outputs together, dependencies first. */
  readonly closure: readonly PathInfo[];
  readonly figures: ReadonlyMap<string, OutputFigures>;
};

/** Of outputs that the runner measures itself. */
export const unmeasured: Outputs['figures'] = new Map();

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
  const figures = new Map<string, OutputFigures>();
  for (const [name, path] of paths) {
    const { narSize, narHash } = checkOutput(order, name, path, known.get(path));
    figures.set(name, { narSize, narHash, closureSize: await closureSize(daemon, path, known) });
  }
  return { closure, figures };
}

/** Reads what the outputs say of themselves, and puts together what the runner is told of them. */
export async function describeOutputs(
  paths: ReadonlyMap<string, StorePath>,
  figures: ReadonlyMap<string, OutputFigures>,
  options: {
    readonly storeDirectory: StoreDirectory;
    readonly physicalDirectory: string;
    readonly signal: AbortSignal;
  },
): Promise<ReadonlyMap<string, ReportedOutput>> {
  const supports = await readNixSupport(options.storeDirectory, paths, options);
  return new Map(
    [...paths].map(([name, path]) => [
      name,
      { path, figures: figures.get(name) ?? null, nixSupport: supports.get(name) ?? null },
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
