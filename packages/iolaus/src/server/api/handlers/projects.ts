import { listJobs } from '../../../database/api/list-jobs.ts';
import { listJobsets } from '../../../database/api/list-jobsets.ts';
import type { JobsetRow } from '../../../database/api/list-jobsets.ts';
import { listProjects, readProject } from '../../../database/api/list-projects.ts';
import type { Answer } from '../../../api/contract.ts';
import { notFound } from '../../http/api-error.ts';
import { decodeCursor, pageOfRows } from '../cursor.ts';
import type { Handlers } from '../handlers.ts';
import { wordTimeOrNull } from '../wording.ts';

export const projectHandlers: Handlers<
  'listProjects' | 'readProject' | 'listJobsets' | 'readJobset' | 'listJobs'
> = {
  async listProjects({ query: { cursor, limit } }, { sources, reader }) {
    const after = decodeCursor(cursor, ['string']);
    const rows = await listProjects(sources.database, reader, after?.[0] ?? null, limit + 1);
    return pageOfRows(
      rows,
      limit,
      (row) => row,
      ({ name }) => [name],
    );
  },

  async readProject({ address: { project } }, { sources }) {
    const row = await readProject(sources.database, project);
    if (row === null) throw notFound(`There is no project “${project}”.`);
    return row;
  },

  async listJobsets({ query: { cursor, limit, project, jobset } }, { sources, reader }) {
    const rows = await listJobsets(sources.database, {
      reader,
      project: project ?? null,
      jobset: jobset ?? null,
      limit: limit + 1,
      after: decodeCursor(cursor, ['string', 'string']),
    });
    return pageOfRows(rows, limit, describeJobset, (row) => [row.project, row.name]);
  },

  async readJobset({ address: { project, jobset } }, { sources, reader }) {
    const only = { project, jobset, after: null, limit: 1 };
    const [row] = await listJobsets(sources.database, { reader, ...only });
    if (row === undefined) throw notFound(`There is no jobset “${project}:${jobset}”.`);
    return describeJobset(row);
  },

  async listJobs({ address, query: { cursor, limit, search } }, { sources }) {
    const rows = await listJobs(sources.database, {
      ...address,
      search: search ?? null,
      limit: limit + 1,
      after: decodeCursor(cursor, ['string', 'string', 'number']),
    });
    return pageOfRows(
      rows,
      limit,
      (row) => row,
      ({ job, system, build }) => [job, system, build],
    );
  },
};

/** `Jobsets.enabled` by its number. */
const enabledWords = ['disabled', 'enabled', 'one-shot', 'one-at-a-time'] as const;

function describeJobset(row: JobsetRow): Answer<'readJobset'> {
  const { unfinished, succeeded, failed, enabled, lastCheckedAt, ...rest } = row;
  return {
    ...rest,
    enabled: enabledWords[enabled] ?? 'disabled',
    lastCheckedAt: wordTimeOrNull(lastCheckedAt),
    builds: { unfinished, succeeded, failed },
  };
}
