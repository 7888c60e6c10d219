import type { Answer } from '../../api/contract.ts';
import type { ProductRow } from '../../database/reads/list-products.ts';
import { ApiError, notFound } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { redirect } from '../http/redirect.ts';
import { answerDirectory } from './directory-page.ts';
import { describeFile } from './file-kind.ts';
import { productPolicy } from '../http/headers.ts';
import { sendFile } from '../http/send-file.ts';
import { isPlainSegment, openStoreFile, parseStoreFile } from './store-file.ts';
import type { OpenedStoreFile } from './store-file.ts';

type Product = Answer<'readBuild'>['products'][number];

/** A product, and where to get it: at Hydra's address of it. */
export async function wordProduct(
  storeDirectory: string,
  build: number,
  row: ProductRow,
): Promise<Product> {
  const { number, type, subtype, name, path, fileSize, sha256 } = row;
  const isThere = await isInStore(storeDirectory, path);
  return {
    number,
    type,
    subtype,
    name,
    path,
    fileSize,
    sha256,
    href: isThere ? `/build/${build}/download/${number}/${lastPartOfAddress(row)}` : null,
  };
}

/** A file is found under its name, which a browser saves it by; a folder's page under its way in the folder. */
function lastPartOfAddress({ fileSize, name, defaultPath }: ProductRow): string {
  const way = fileSize === null ? (defaultPath ?? '') : name;
  return way.split('/').filter(isPlainSegment).map(encodeURIComponent).join('/');
}

async function isInStore(storeDirectory: string, path: string | null): Promise<boolean> {
  const parsed = path === null ? undefined : parseStoreFile(path);
  const found = parsed === undefined ? undefined : await openStoreFile(storeDirectory, parsed);
  if (found?.type === 'file') await found.file.close();
  return found !== undefined;
}

/**
 * Sends a product, or something in it: `rest` is what follows the product in the address, as it was sent; empty, or with a
 * slash in front.
 */
export async function answerProduct(
  context: RequestContext,
  storeDirectory: string,
  product: ProductRow,
  rest: string,
): Promise<Response> {
  const parsed = product.path === null ? undefined : parseStoreFile(product.path);
  const missing = notFound(`“${product.name}” is not in the store any more, or cannot be shown.`);
  if (parsed === undefined) throw missing;
  const way = readWay(rest);
  const top = await openStoreFile(storeDirectory, parsed);
  if (top === undefined) throw missing;
  if (top.type === 'file') return answerFile(context, top, product.name);
  if (rest === '') return redirect(context, `${context.req.path}/`);
  const found = await openStoreFile(storeDirectory, {
    ...parsed,
    inside: [...parsed.inside, ...way],
  });
  if (found === undefined) throw notFound(`“${way.join('/')}” is not in “${product.name}”.`);
  if (found.type === 'file') return answerFile(context, found, way.at(-1) ?? product.name);
  if (!rest.endsWith('/')) return redirect(context, `${context.req.path}/`);
  return answerDirectory(context, found.path, [product.name, ...way].join('/'));
}

/** The names that lead into a folder. Nothing that leads out of it is a name. */
function readWay(rest: string): readonly string[] {
  const segments = rest.split('/').filter((segment) => segment !== '');
  const names = segments.map(decode);
  if (names.every(isPlainSegment)) return names;
  throw new ApiError(400, 'bad-path', 'The path of the file is not one.');
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}

function answerFile(
  context: RequestContext,
  found: Extract<OpenedStoreFile, { type: 'file' }>,
  name: string,
): Promise<Response> {
  const { contentType, isText, isShown } = describeFile(name);
  return sendFile(context, {
    file: found.file,
    size: found.size,
    compress: isText,
    headers: {
      'content-type': contentType,
      'content-disposition': `${isShown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeFileName(name)}`,
      'content-security-policy': productPolicy,
      // A page in an origin of its own is a stranger to its own pictures and styles.
      'cross-origin-resource-policy': 'cross-origin',
      // What a product is may change when its build is restarted.
      'cache-control': 'no-cache',
    },
  });
}

/** As RFC 8187 wants it: stricter than `encodeURIComponent`. */
const encodeFileName = (name: string): string =>
  encodeURIComponent(name.split('/').at(-1) ?? name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
