import type { Answer } from '../../../api/contract.ts';
import { findReadable } from '../../../database/api/find-readable.ts';
import { findJobsetIds } from '../../../database/api/find-jobset-ids.ts';
import { findStorePaths } from '../../../database/api/find-store-paths.ts';
import { listReadableBuilds } from '../../../database/api/list-builds.ts';
import type { Reader } from '../../../database/api/readable.ts';
import type { Database } from '../../../database/connection/connection.ts';
import { listMetrics } from '../../../database/reads/list-metrics.ts';
import { listOutputs } from '../../../database/reads/list-outputs.ts';
import { listProducts } from '../../../database/reads/list-products.ts';
import { readBuild } from '../../../database/reads/read-build.ts';
import { standInStep } from '../../../database/reads/stand-in-step.ts';
import { notFound } from '../../http/api-error.ts';
import { wordProduct } from '../../products/products.ts';
import { decodeCursor, pageOfRows } from '../cursor.ts';
import type { Handlers } from '../handlers.ts';
import { describeBuild, describeStep } from '../wording.ts';

export const buildHandlers: Handlers<
  'listBuilds' | 'countBuilds' | 'readBuild' | 'findStorePaths'
> = {
  async listBuilds({ query }, { sources, reader }) {
    const { cursor, limit, status, search } = query;
    const rows = await listReadableBuilds(sources.database, {
      jobsets: await findJobsetIds(sources.database, reader, query),
      state: status,
      search: search ?? null,
      limit: limit + 1,
      before: decodeCursor(cursor, ['number'])?.[0] ?? null,
    });
    return pageOfRows(rows, limit, describeBuild, ({ id }) => [id]);
  },

  countBuilds: (_, { sources }) => sources.countBuilds(),

  async findStorePaths({ query: { hash, limit } }, { sources, reader }) {
    // A path in the database has the store directory of Nix, wherever the store lies.
    const beginning = hash.startsWith('/') ? hash : `/nix/store/${hash}`;
    return { items: await findStorePaths(sources.database, reader, beginning, limit) };
  },

  async readBuild({ address: { build } }, { sources: { database, storeDirectory }, reader }) {
    const row = await readBuild(database, build);
    if (row === null) throw notFound(`There is no build ${build}.`);
    const [standIn, outputs, products, metrics] = await Promise.all([
      findStandIn(database, reader, build),
      listOutputs(database, build),
      listProducts(database, build),
      listMetrics(database, build),
    ]);
    const { description, evaluation, priority, globalPriority } = row;
    const { timeoutSeconds, maxSilentSeconds, size, closureSize, releaseName } = row;
    return {
      ...describeBuild(row),
      description,
      evaluation,
      priority,
      globalPriority,
      timeoutSeconds,
      maxSilentSeconds,
      size,
      closureSize,
      releaseName,
      standIn,
      outputs,
      metrics: [...metrics],
      products: await Promise.all(
        products.map((product) => wordProduct(storeDirectory, build, product)),
      ),
    };
  },
};

/** The step of another build that does its work, if the reader may know of that one. */
async function findStandIn(
  database: Database,
  reader: Reader,
  build: number,
): Promise<Answer<'readBuild'>['standIn']> {
  const row = await standInStep(database, build);
  if (row === null) return null;
  const project = await findReadable(database, reader, { type: 'build', names: [row.build] });
  return project === null ? null : describeStep(row);
}
