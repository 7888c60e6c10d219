import type { BuildDetail, BuildList, EvaluationList } from '@iolaus/web/api';
import type { Database } from '../../database/connection/connection.ts';
import { listBuilds } from '../../database/reads/list-builds.ts';
import { listEvaluations } from '../../database/reads/list-evaluations.ts';
import { listMetrics } from '../../database/reads/list-metrics.ts';
import { listOutputs } from '../../database/reads/list-outputs.ts';
import { listProducts } from '../../database/reads/list-products.ts';
import { listSteps } from '../../database/reads/list-steps.ts';
import { readBuild } from '../../database/reads/read-build.ts';
import { standInStep } from '../../database/reads/stand-in-step.ts';
import { notFound } from '../http/api-error.ts';
import { readGroup, readJobset, readPage, readText } from '../http/parameters.ts';
import { wordProduct } from '../products/products.ts';
import { wordBuild, wordEvaluation, wordStep, wordSteps } from './wording.ts';

// The build of a whole system has thousands of steps; nobody reads further.
const stepsMax = 1000;

type Query = Readonly<Record<string, string>>;

/** `status`, `jobset`, `project`, `search`, `before`, `limit`. */
export async function answerBuildList(database: Database, query: Query): Promise<BuildList> {
  const { limit, ...before } = readPage(query);
  const state = readGroup(query);
  const search = readText(query, 'search');
  const rows = await listBuilds(database, {
    ...before,
    ...readJobset(query),
    ...(state === undefined ? {} : { state }),
    ...(search === undefined ? {} : { search }),
    // One more tells whether there is a next page.
    limit: limit + 1,
  });
  return { builds: rows.slice(0, limit).map(wordBuild), next: nextPage(rows, limit) };
}

/** `jobset`, `project`, `before`, `limit`. */
export async function answerEvaluationList(
  database: Database,
  query: Query,
): Promise<EvaluationList> {
  const { limit, ...before } = readPage(query);
  const rows = await listEvaluations(database, {
    ...before,
    ...readJobset(query),
    limit: limit + 1,
  });
  return { evaluations: rows.slice(0, limit).map(wordEvaluation), next: nextPage(rows, limit) };
}

export async function describeBuild(
  database: Database,
  storeDirectory: string,
  id: number,
): Promise<BuildDetail> {
  const row = await readBuild(database, id);
  if (row === null) throw notFound(`There is no build ${id}.`);
  const [steps, standIn, outputs, products, metrics] = await Promise.all([
    listSteps(database, id, stepsMax + 1),
    standInStep(database, id),
    listOutputs(database, id),
    listProducts(database, id),
    listMetrics(database, id),
  ]);
  return {
    ...wordBuild(row),
    description: row.description,
    evaluation: row.evaluation,
    priority: row.priority,
    size: row.size,
    closureSize: row.closureSize,
    releaseName: row.releaseName,
    steps: wordSteps(steps.slice(0, stepsMax)),
    stepsLeftOut: steps.length > stepsMax,
    standIn: standIn === null ? null : wordStep(standIn, true),
    outputs,
    products: await Promise.all(
      products.map((product) => wordProduct(storeDirectory, id, product)),
    ),
    metrics,
  };
}

const nextPage = (rows: readonly { readonly id: number }[], limit: number): number | null =>
  rows.length > limit ? (rows[limit - 1]?.id ?? null) : null;
