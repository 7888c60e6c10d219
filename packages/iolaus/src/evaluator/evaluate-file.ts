import type { StoreDirectory } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import type { Visit } from './agenda.ts';
import { parseAttributePath, printAttributePath } from './attribute-path.ts';
import type { AttributePath } from './attribute-path.ts';
import { checkArguments } from './check-arguments.ts';
import { explainThrown } from './explain-thrown.ts';
import { findFile } from './find-file.ts';
import { readJob } from './job.ts';
import type { Job } from './job.ts';
import { nearestNames } from './nearest-names.ts';
import type { WalkRequest } from './run-walk.ts';
import { walkFile } from './walk-file.ts';
import type { Seen } from './walk-file.ts';

export type EvaluationOptions = {
  /** A Nix file, or a folder with a `default.nix`. */
  readonly file: string;
  /** Dotted attribute paths; none: everything in the file. */
  readonly attributes: readonly string[];
  /** Names and Nix expressions; names and strings. */
  readonly args: readonly (readonly [name: string, expression: string])[];
  readonly argStrings: readonly (readonly [name: string, value: string])[];
  /** Instead of this machine's. */
  readonly system?: string | undefined;
  /** Laid over this process's, for Nix's commands. */
  readonly environment: NodeJS.ProcessEnv;
  readonly storeDirectory: StoreDirectory;
  readonly signal?: AbortSignal | undefined;
  /** Told as soon as it is found. */
  onJob?(job: Job): void;
};

/** An attribute that cannot be evaluated, and what Nix says about it. */
export type EvaluationError = { readonly attribute: string; readonly message: string };

export type Evaluation = {
  readonly jobs: readonly Job[];
  readonly errors: readonly EvaluationError[];
};

/**
 * Finds every derivation in a file, as Hydra would: sets with `recurseForDerivations` are entered, functions are called
 * with the arguments that were given. Errors are told by attribute, and the rest goes on. The derivations are in the
 * store afterwards, where only their users keep them from being collected.
 * @throws Fault `no-such-file`; `bad-usage` for arguments; `bad-expression` where the file itself cannot be evaluated or what
 * was asked for is not there; `disk-full`, `daemon-unreachable`
 */
export async function evaluateFile(options: EvaluationOptions): Promise<Evaluation> {
  const request = { ...options, file: findFile(options.file) };
  await checkArguments(request);
  const jobs = new Map<string, Job>();
  const errors: EvaluationError[] = [];
  const thrown: AttributePath[] = [];
  await walkFile(request, visitsOf(options.attributes), async (seen, visit) => {
    if (visit.asked) refuseUseless(seen, request.file);
    const attribute = printAttributePath(seen.path);
    if (seen.type === 'failed') errors.push({ attribute, message: seen.message });
    if (seen.type === 'thrown') thrown.push(seen.path);
    if (seen.type !== 'derivation' || jobs.has(attribute)) return;
    const job = await readJob(options.storeDirectory, attribute, seen);
    jobs.set(attribute, job);
    options.onJob?.(job);
  });
  errors.push(...(await describeThrown(request, thrown)));
  return { jobs: [...jobs.values()], errors };
}

function visitsOf(attributes: readonly string[]): Visit[] {
  if (attributes.length === 0) return [{ path: [], asked: true }];
  return [...new Set(attributes)].map((attribute) => ({
    path: parseAttributePath(attribute),
    asked: true,
  }));
}

/** What somebody asked for by name must be something to build. */
function refuseUseless(seen: Seen, file: string): void {
  const what = seen.path.length === 0 ? file : `the attribute ${printAttributePath(seen.path)}`;
  if (seen.type === 'missing') {
    const near = nearestNames(seen.path.at(-1) ?? '', seen.names);
    throw new Fault(
      'bad-expression',
      `there is no attribute ${printAttributePath(seen.path)} in ${file}`,
      {
        remedy:
          near.length === 0 ? 'There are no attributes there.' : `There is ${near.join(', ')}.`,
      },
    );
  }
  if (seen.type === 'other') {
    throw new Fault(
      'bad-expression',
      `${what} is neither a derivation nor a set, but a ${seen.kind}`,
      {
        remedy: 'Only derivations and attribute sets of them can be built.',
      },
    );
  }
  if (seen.type === 'failed' && seen.path.length === 0) {
    throw new Fault('bad-expression', `${file} cannot be evaluated: ${seen.message}`);
  }
}

async function describeThrown(
  request: WalkRequest,
  thrown: readonly AttributePath[],
): Promise<EvaluationError[]> {
  const messages = await explainThrown(request, thrown);
  return thrown.map((path, index) => {
    const message = messages[index] ?? '';
    if (path.length > 0) return { attribute: printAttributePath(path), message };
    throw new Fault('bad-expression', `${request.file} cannot be evaluated: ${message}`);
  });
}
