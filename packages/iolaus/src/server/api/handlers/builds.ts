import { findJobsetIds } from '../../../database/api/find-jobset-ids.ts';
import { listReadableBuilds } from '../../../database/api/list-builds.ts';
import { listMetrics } from '../../../database/reads/list-metrics.ts';
import { listOutputs } from '../../../database/reads/list-outputs.ts';
import { listProducts } from '../../../database/reads/list-products.ts';
import { readBuild } from '../../../database/reads/read-build.ts';
import { notFound } from '../../http/api-error.ts';
import { wordProduct } from '../../products/products.ts';
import { decodeCursor, pageOfRows } from '../cursor.ts';
import type { Handlers } from '../handlers.ts';
import { describeBuild } from '../wording.ts';

export const buildHandlers: Handlers<'listBuilds' | 'readBuild'> = {
  async listBuilds({ query }, { sources, reader }) {
    const { cursor, limit, status, search } = query;
    const rows = await listReadableBuilds(sources.database, {
      jobsets: await findJobsetIds(sources.database, reader, query),
      ...{ state: status, search: search ?? null, limit: limit + 1 },
      before: decodeCursor(cursor, ['number'])?.[0] ?? null,
    });
    return pageOfRows(rows, limit, describeBuild, ({ id }) => [id]);
  },

  async readBuild({ address: { build } }, { sources: { database, storeDirectory } }) {
    const row = await readBuild(database, build);
    if (row === null) throw notFound(`There is no build ${build}.`);
    const [outputs, products, metrics] = await Promise.all([
      listOutputs(database, build),
      listProducts(database, build),
      listMetrics(database, build),
    ]);
    const { description, evaluation, priority, globalPriority } = row;
    const { timeoutSeconds, maxSilentSeconds, size, closureSize, releaseName } = row;
    return {
      ...describeBuild(row),
      ...{ description, evaluation, priority, globalPriority },
      ...{ timeoutSeconds, maxSilentSeconds, size, closureSize, releaseName },
      ...{ outputs, metrics: [...metrics] },
      products: await Promise.all(
        products.map((product) => wordProduct(storeDirectory, build, product)),
      ),
    };
  },
};
