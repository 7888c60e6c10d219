import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { DaemonConnection, derivationPath } from '@iolaus/nix';
import { recordEvaluation } from '../database/evaluations/record-evaluation.ts';
import type { EvaluatedJob } from '../database/evaluations/record-evaluation.ts';
import { addJobset, evaluationOf, jobNamed } from '../database/testing-farm.ts';
import type { LiveFarm } from './live-farm.ts';
import { scriptExpression } from './script-expression.ts';

/** Queues so many builds of one script at once, which differ in their names only. */
export async function queueMany(
  { daemon, database }: Pick<LiveFarm, 'daemon' | 'database'>,
  count: number,
  script: string,
): Promise<void> {
  const words = JSON.stringify(script);
  const each = `n: run "many-\${toString n}" ${words} {}`;
  const expression = `let ${scriptExpression} in builtins.genList (${each}) ${count}`;
  const { stdout } = await promisify(execFile)('nix-instantiate', ['--expr', expression], {
    env: daemon.environment,
  });
  await using connection = await DaemonConnection.connect(daemon.address);
  const jobs: EvaluatedJob[] = [];
  for (const [index, derivation] of stdout.trim().split('\n').entries()) {
    const outputs = await connection.queryDerivationOutputMap(derivationPath(basename(derivation)));
    const path = `${daemon.address.storeDirectory}/${[...outputs.values()][0] ?? ''}`;
    jobs.push({ ...jobNamed(`many-${index}`), derivation, outputs: new Map([['out', path]]) });
  }
  const jobset = await addJobset(database, 'project', 'jobset');
  await database.transaction((transaction) =>
    recordEvaluation(transaction, evaluationOf(jobset, jobs)),
  );
}
