import { basename, dirname, resolve } from 'node:path';
import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import type { Database } from '../database/connection/connection.ts';
import { ensureJobset } from '../database/evaluations/ensure-jobset.ts';
import type { JobsetPlace } from '../database/evaluations/ensure-jobset.ts';
import { recordEvaluation } from '../database/evaluations/record-evaluation.ts';
import type { EvaluatedJob } from '../database/evaluations/record-evaluation.ts';
import type { BuildId } from '../farm/identity.ts';
import type { Evaluation } from './evaluate-file.ts';
import type { Job } from './job.ts';

/** Builds of files have this project; each file is a jobset. */
const project = 'files';

/** Queues the jobs of an evaluated file; returns the build of each. */
export async function queueEvaluation(
  database: Database,
  options: {
    readonly file: string;
    readonly evaluation: Evaluation;
    readonly evaluationSeconds: number;
    readonly storeDirectory: StoreDirectory;
    readonly reuse: 'any' | 'unfinished';
    /** Seconds since the epoch. */
    readonly now: number;
  },
): Promise<readonly BuildId[]> {
  const { evaluation, storeDirectory, evaluationSeconds, reuse, now } = options;
  return database.transaction(async (transaction) =>
    recordEvaluation(transaction, {
      jobset: await ensureJobset(transaction, placeOf(resolve(options.file))),
      jobs: evaluation.jobs.map((job) => describe(job, storeDirectory)),
      errorMessage: evaluation.errors
        .map(({ attribute, message }) => `in job '${attribute}':\n${message}`)
        .join('\n\n'),
      evaluationSeconds: Math.round(evaluationSeconds),
      now,
      reuse,
    }),
  );
}

/** Named after the file, or after its folder if it is a `default.nix`, with the letters that Hydra allows. */
function placeOf(file: string): JobsetPlace {
  const own = basename(file).replace(/\.nix$/, '');
  const name = own === 'default' ? basename(dirname(file)) : own;
  const jobset = name.replaceAll(/[^A-Za-z0-9-_.]/g, '-').replace(/^(?![A-Za-z_])/, '_');
  return { project, jobset, description: file };
}

function describe(job: Job, storeDirectory: StoreDirectory): EvaluatedJob {
  const { meta } = job;
  return {
    job: job.attribute,
    name: job.name,
    system: job.system,
    derivation: printStorePath(storeDirectory, job.derivation),
    outputs: new Map(
      [...job.outputs].map(([name, path]) => [
        name,
        path === null ? null : printStorePath(storeDirectory, path),
      ]),
    ),
    description: meta.description,
    homepage: meta.homepage,
    license: meta.license,
    maintainers: meta.maintainers,
    priority: meta.schedulingPriority,
    maxSilentSeconds: meta.maxSilentSeconds,
    timeoutSeconds: meta.timeoutSeconds,
    isChannel: meta.isChannel,
  };
}
