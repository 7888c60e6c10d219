import { ApiError, notFound } from './api-error.ts';

// Ids are `serial` columns.
const idMax = 2 ** 31 - 1;
const searchCharactersMax = 200;

/** An id in a path: whatever is not one cannot name anything. */
export function readId(text: string | undefined, what: string): number {
  const id = parseId(text);
  if (id === undefined)
    throw notFound(`There is no ${what} “${shorten(text ?? '')}”: ids are positive whole numbers.`);
  return id;
}

/** A number in a query, between `least` and `most`; undefined if it is not there. */
export function readNumber(
  query: Readonly<Record<string, string>>,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw badParameter(name, text, `a whole number from ${least} to ${most}`);
}

/** A text in a query; undefined if it is not there or empty. */
export function readText(
  query: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  const text = query[name];
  if (text === undefined || text === '') return undefined;
  // PostgreSQL's texts cannot hold it.
  if (text.length <= searchCharactersMax && !text.includes('\0')) return text;
  throw badParameter(name, text, `a text of at most ${searchCharactersMax} characters`);
}

function parseId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,9}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= idMax ? id : undefined;
}

const badParameter = (name: string, text: string, right: string): ApiError =>
  new ApiError(400, 'bad-parameter', `“${shorten(text)}” is no value for ${name}: it is ${right}.`);

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
