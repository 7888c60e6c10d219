import type { BuildGroup } from '@iolaus/web/api';
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

/** `before=ID` and `limit=N`, by which all lists are paged. */
export function readPage(query: Readonly<Record<string, string>>): {
  before?: number;
  limit: number;
} {
  const before = readNumber(query, 'before', { least: 1, most: idMax });
  const limit = readNumber(query, 'limit', { least: 1, most: 200 }) ?? 50;
  return before === undefined ? { limit } : { before, limit };
}

const groups = [
  'queued',
  'running',
  'succeeded',
  'failed',
] as const satisfies readonly BuildGroup[];

export function readGroup(query: Readonly<Record<string, string>>): BuildGroup | undefined {
  const text = query['status'];
  if (text === undefined) return undefined;
  const group = groups.find((known) => known === text);
  if (group === undefined) throw badParameter('status', text, `one of ${groups.join(', ')}`);
  return group;
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

/** `jobset=PROJECT:NAME`, or both apart. */
export function readJobset(query: Readonly<Record<string, string>>): {
  project?: string;
  jobset?: string;
} {
  const text = readText(query, 'jobset');
  const [first, second] = text?.split(':', 2) ?? [];
  const project = second === undefined ? readText(query, 'project') : first;
  const jobset = second ?? first;
  return {
    ...(project === undefined ? {} : { project }),
    ...(jobset === undefined ? {} : { jobset }),
  };
}

function parseId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,9}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= idMax ? id : undefined;
}

const badParameter = (name: string, text: string, right: string): ApiError =>
  new ApiError(400, 'bad-parameter', `“${shorten(text)}” is no value for ${name}: it is ${right}.`);

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
