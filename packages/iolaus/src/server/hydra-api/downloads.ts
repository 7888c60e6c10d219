import { listProducts } from '../../database/reads/list-products.ts';
import type { ProductRow } from '../../database/reads/list-products.ts';
import { admitReader } from '../api/guard.ts';
import { notFound } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { readId } from '../http/parameters.ts';
import { answerProduct } from '../products/products.ts';
import { pathAfter } from './rest-of-path.ts';
import type { App, HydraApiSources } from './routes.ts';

/** Products of builds and what is in them: by number or name, or by type and subtype. Ranges are understood. */
export function addDownloadRoutes(app: App, sources: HydraApiSources): void {
  const download = '/build/:id/download/:product';
  app.on('GET', [download, `${download}/*`], (context) => {
    const wanted = context.req.param('product');
    const isWanted = ({ number, name }: ProductRow): boolean =>
      String(number) === wanted || name === wanted;
    return answerDownload(context, sources, isWanted, 4);
  });
  const byType = '/build/:id/download-by-type/:type/:subtype';
  app.on('GET', [byType, `${byType}/*`], (context) => {
    const { type, subtype } = context.req.param();
    const isWanted = (product: ProductRow): boolean =>
      product.type === type && product.subtype === subtype;
    return answerDownload(context, sources, isWanted, 5);
  });
}

/** Of builds that everybody may know of. What follows the first `segments` of the address is a way into the product. */
async function answerDownload(
  context: RequestContext,
  { database, storeDirectory }: HydraApiSources,
  isWanted: (product: ProductRow) => boolean,
  segments: number,
): Promise<Response> {
  const build = readId(context.req.param('id'), 'build');
  await admitReader(database, [], { build });
  const product = (await listProducts(database, build)).find(isWanted);
  if (product === undefined) throw notFound(`Build ${build} has no such product.`);
  return answerProduct(context, storeDirectory, product, pathAfter(context, segments));
}
