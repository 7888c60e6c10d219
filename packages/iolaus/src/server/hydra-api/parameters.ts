import type { JobFilter } from '../../database/hydra-api/list-short-builds.ts';
import type { Window } from '../../database/hydra-api/list-evaluations.ts';
import { ApiError } from '../http/api-error.ts';
import { readNumber, readText } from '../http/parameters.ts';

type Query = Readonly<Record<string, string>>;

// Hydra has no limit here; nobody reads more, and everybody may ask.
const listMax = 1000;
// As Hydra's pages have it.
const pageLength = 20;
const pageMax = 100_000;

/** `nr=N`: how many are wanted, which must be said. */
export function readCount(query: Query): number {
  const count = readNumber(query, 'nr', { least: 1, most: listMax });
  if (count !== undefined) return count;
  throw new ApiError(400, 'bad-parameter', 'Parameter “nr” is missing: how many are wanted.');
}

/** `page=N`, from 1 on. */
export function readPageNumber(query: Query): { readonly page: number } & Window {
  const page = readNumber(query, 'page', { least: 1, most: pageMax }) ?? 1;
  return { page, offset: (page - 1) * pageLength, limit: pageLength };
}

/** Addresses of the pages beside one, as lists of evaluations have them. */
export function pageLinks(page: number, count: number): Readonly<Record<string, string>> {
  const last = Math.max(1, Math.ceil(count / pageLength));
  return {
    first: '?page=1',
    last: `?page=${last}`,
    ...(page < last ? { next: `?page=${page + 1}` } : {}),
    ...(page > 1 ? { previous: `?page=${page - 1}` } : {}),
  };
}

/** `project`, `jobset`, `job`, `system`. */
export const readJobFilter = (query: Query): JobFilter => ({
  project: readText(query, 'project'),
  jobset: readText(query, 'jobset'),
  job: readText(query, 'job'),
  system: readText(query, 'system'),
});
