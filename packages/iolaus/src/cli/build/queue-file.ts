import type { BuildId } from '../../farm/identity.ts';
import { evaluateFile } from '../../evaluator/evaluate-file.ts';
import type { Evaluation, EvaluationOptions } from '../../evaluator/evaluate-file.ts';
import { queueEvaluation } from '../../evaluator/queue-evaluation.ts';
import type { LocalFarm } from '../up/local-farm.ts';

/** What of a file is to be built. */
export type Wanted = Pick<
  EvaluationOptions,
  'file' | 'attributes' | 'args' | 'argStrings' | 'system'
>;

export type QueuedFile = { readonly evaluation: Evaluation; readonly builds: readonly BuildId[] };

/**
 * Evaluates a file and queues what it finds. `reuse`: whether builds of an earlier evaluation of the file count, finished
 * or not, or only those that are not finished, so that what failed is tried again.
 */
export async function queueFile(
  farm: LocalFarm,
  wanted: Wanted,
  { reuse, signal }: { readonly reuse: 'any' | 'unfinished'; readonly signal: AbortSignal },
): Promise<QueuedFile> {
  const started = performance.now();
  const evaluation = await evaluateFile({
    ...wanted,
    signal,
    environment: farm.nixEnvironment,
    storeDirectory: farm.daemon.storeDirectory,
  });
  const builds = await queueEvaluation(farm.database, {
    file: wanted.file,
    evaluation,
    evaluationSeconds: (performance.now() - started) / 1_000,
    storeDirectory: farm.daemon.storeDirectory,
    reuse,
    now: Math.floor(Date.now() / 1_000),
  });
  return { evaluation, builds };
}
