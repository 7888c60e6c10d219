import pg from 'pg';
import type { Client } from './connection-pool.ts';

/** A value of a statement's parameter. */
export type Parameter =
  | string
  | number
  | boolean
  | null
  | readonly (string | number | boolean | null)[];

// Sizes and 64-bit times: exact as numbers up to 2^53, which is far beyond both.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${text} from the database is too large`);
});

/** The rows, each an object by column name. */
export async function runStatement<Row extends object>(
  client: Client,
  statement: string,
  parameters: readonly Parameter[] = [],
): Promise<Row[]> {
  const result = await client.query<Row>({
    name: nameOf(statement),
    text: statement,
    values: parameters.map(withoutNul),
  });
  return result.rows;
}

const names = new Map<string, string>();

/** Named by their text, statements are prepared once a connection; their number is that of our files. */
function nameOf(statement: string): string {
  let name = names.get(statement);
  if (name === undefined) {
    name = `iolaus_${names.size}`;
    names.set(statement, name);
  }
  return name;
}

/** PostgreSQL's texts hold every character but this one, and what builds print holds every one. */
function withoutNul(parameter: Parameter): Parameter {
  if (typeof parameter === 'string') return parameter.replaceAll('\0', '');
  if (!Array.isArray(parameter)) return parameter;
  return parameter.some(hasNul) ? parameter.map(removeNul) : parameter;
}

const hasNul = (value: unknown): boolean => typeof value === 'string' && value.includes('\0');

const removeNul = <Value>(value: Value): Value | string =>
  typeof value === 'string' ? value.replaceAll('\0', '') : value;
