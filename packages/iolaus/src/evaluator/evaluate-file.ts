import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { derivationPath, parseStorePath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import { parseAttributePath, printAttributePath } from './attribute-path.ts';
import type { AttributePath } from './attribute-path.ts';
import type { Job } from './job.ts';
import { nearestNames } from './nearest-names.ts';
import { runWalk } from './run-walk.ts';
import type { FoundJob, Sight, StartPath, WalkRequest } from './run-walk.ts';

export type EvaluationOptions = {
  /** A Nix file. */
  readonly file: string;
  /** Dotted attribute paths; none: everything in the file. */
  readonly attributes: readonly string[];
  /** Names and Nix expressions; names and strings. */
  readonly args: readonly (readonly [name: string, expression: string])[];
  readonly argStrings: readonly (readonly [name: string, value: string])[];
  /** Instead of this machine's. */
  readonly system?: string;
  /** For Nix's commands. */
  readonly environment: NodeJS.ProcessEnv;
  readonly storeDirectory: StoreDirectory;
  readonly signal: AbortSignal;
};

/** An attribute that cannot be evaluated, and what Nix says about it. */
export type EvaluationError = { readonly attribute: string; readonly message: string };

export type Evaluation = {
  readonly jobs: readonly Job[];
  readonly errors: readonly EvaluationError[];
};

// Each is a process that evaluates the file anew; on two cores more would only get into each other's way.
const explanationsAtOnce = 2;

/**
 * Finds every derivation in a file, as Hydra would: sets with `recurseForDerivations` are entered, functions are called
 * with the arguments that were given. Errors are told by attribute, and the rest goes on. The derivations are in the
 * store afterwards. Throws `Fault` `no-such-file`, or `bad-expression` where the file itself cannot be evaluated or an
 * attribute that was asked for does not exist.
 */
export async function evaluateFile(options: EvaluationOptions): Promise<Evaluation> {
  const file = resolve(options.file);
  if (!existsSync(file)) {
    throw new Fault('no-such-file', `there is no file ${options.file}`, {
      remedy: 'Name a Nix file, such as release.nix.',
    });
  }
  const request = { ...options, file };
  const starts = startPaths(options.attributes);
  const sights = await walkAll(request, starts);
  refuseMissing(sights, starts);
  const failed = sights.filter(({ failed }) => failed !== undefined);
  return {
    jobs: sights.flatMap(({ path, job }) =>
      job === undefined ? [] : [makeJob(path, job, options)],
    ),
    errors: await explainAll(request, failed),
  };
}

function startPaths(attributes: readonly string[]): StartPath[] {
  return attributes.length === 0
    ? [{ path: [], entered: true }]
    : attributes.map((attribute) => ({ path: parseAttributePath(attribute), entered: true }));
}

/** Walks until everything was seen; each process that dies costs the one path that killed it. */
async function walkAll(request: WalkRequest, starts: readonly StartPath[]): Promise<Sight[]> {
  const sights: Sight[] = [];
  let left: readonly StartPath[] = starts;
  while (left.length > 0) {
    const walk = await runWalk(request, left, { catching: true });
    sights.push(...walk.sights);
    const unseen = unseenPaths(left, walk.sights);
    if (walk.failure === null) return sights;
    const [culprit, ...rest] = unseen;
    if (culprit === undefined || culprit.path.length === 0)
      throw badFile(request.file, walk.failure);
    sights.push({ path: [...culprit.path], failed: walk.failure });
    left = rest;
  }
  return sights;
}

/** What a walk was to visit and did not, in its order: depth first, so that the first is where it died. */
function unseenPaths(starts: readonly StartPath[], sights: readonly Sight[]): StartPath[] {
  const seen = new Map(sights.map((sight) => [keyOf(sight.path), sight]));
  const unseen: StartPath[] = [];
  const queue = starts.toReversed();
  for (let start = queue.pop(); start !== undefined; start = queue.pop()) {
    const { path } = start;
    const sight = seen.get(keyOf(path));
    if (sight === undefined) unseen.push(start);
    for (const name of sight?.attributes?.toReversed() ?? []) {
      queue.push({ path: [...path, name], entered: false });
    }
  }
  return unseen;
}

const keyOf = (path: AttributePath): string => JSON.stringify(path);

function badFile(file: string, message: string): Fault {
  return new Fault('bad-expression', `${file} cannot be evaluated: ${message}`);
}

function refuseMissing(sights: readonly Sight[], starts: readonly StartPath[]): void {
  const asked = new Set(starts.map(({ path }) => keyOf(path)));
  for (const { path, missing } of sights) {
    if (missing === undefined || !asked.has(keyOf(path))) continue;
    const near = nearestNames(path.at(-1) ?? '', missing);
    throw new Fault('bad-expression', `there is no attribute ${printAttributePath(path)}`, {
      remedy: near.length === 0 ? 'There are no attributes there.' : `There is ${near.join(', ')}.`,
    });
  }
}

function makeJob(path: AttributePath, found: FoundJob, { storeDirectory }: EvaluationOptions): Job {
  return {
    attribute: printAttributePath(path),
    name: found.name,
    system: found.system,
    derivation: derivationPath(parseStorePath(storeDirectory, found.drvPath)),
    outputs: new Map(
      Object.entries(found.outputs).map(([name, output]) => [
        name,
        output === null ? null : parseStorePath(storeDirectory, output),
      ]),
    ),
    meta: found.meta,
  };
}

/** What could be caught is evaluated once more, uncaught, since only then Nix says what it was. */
async function explainAll(
  request: WalkRequest,
  failed: readonly Sight[],
): Promise<EvaluationError[]> {
  const errors: EvaluationError[] = [];
  for (let start = 0; start < failed.length; start += explanationsAtOnce) {
    const some = failed.slice(start, start + explanationsAtOnce);
    errors.push(...(await Promise.all(some.map((sight) => explain(request, sight)))));
  }
  return errors;
}

async function explain(request: WalkRequest, { path, failed }: Sight): Promise<EvaluationError> {
  const attribute = printAttributePath(path);
  if (typeof failed === 'string') return { attribute, message: failed };
  const { failure } = await runWalk(request, [{ path, entered: false }], { catching: false });
  return { attribute, message: failure ?? 'it failed once and not again' };
}
