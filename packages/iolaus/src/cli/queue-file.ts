import type { BuildId } from '../farm/identity.ts';
import { evaluateFile } from '../evaluator/evaluate-file.ts';
import type { Evaluation, EvaluationOptions } from '../evaluator/evaluate-file.ts';
import { recordEvaluation } from '../evaluator/record-evaluation.ts';
import type { LocalFarm } from './local-farm.ts';

/** Evaluates a file and queues what it finds. */
export async function queueFile(
  farm: LocalFarm,
  what: Pick<EvaluationOptions, 'file' | 'attributes' | 'args' | 'argStrings' | 'signal'> & {
    readonly system?: string;
  },
  reuse: 'any' | 'unfinished',
): Promise<{ readonly evaluation: Evaluation; readonly builds: readonly BuildId[] }> {
  const evaluation = await evaluateFile({
    ...what,
    environment: farm.nixEnvironment,
    storeDirectory: farm.daemon.storeDirectory,
  });
  const builds = await recordEvaluation(farm.database, { file: what.file, evaluation, reuse });
  return { evaluation, builds };
}
