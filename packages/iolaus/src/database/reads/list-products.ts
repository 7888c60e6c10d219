import type { Queryable } from '../connection/connection.ts';

/** `path` with the store directory; `fileSize` in bytes and `sha256` in base 16 of files. */
export type ProductRow = {
  readonly number: number;
  readonly type: string;
  readonly subtype: string;
  readonly name: string;
  readonly path: string | null;
  readonly defaultPath: string | null;
  readonly fileSize: number | null;
  readonly sha256: string | null;
};

export const listProductsStatement = `
  select productnr as "number", type, subtype, name, path, defaultpath as "defaultPath", filesize as "fileSize",
    sha256hash as "sha256"
  from buildproducts where build = $1 order by productnr`;

export async function listProducts(database: Queryable, build: number): Promise<ProductRow[]> {
  return database.query<ProductRow>(listProductsStatement, [build]);
}
