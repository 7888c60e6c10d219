import type { Answer } from '../../../api/contract.ts';
import { listUploads } from '../../../database/api/list-uploads.ts';
import { retryUploads, withoutSecrets } from '../../../database/uploads.ts';
import type { UploadState } from '../../../database/uploads.ts';
import { notFound } from '../../http/api-error.ts';
import { decodeCursor, pageOfRows } from '../cursor.ts';
import type { Handlers } from '../handlers.ts';

export const uploadHandlers: Handlers<'listUploads' | 'retryUploads' | 'retryUpload'> = {
  async listUploads({ query: { cursor, limit, givenUp } }, { sources }) {
    const after = decodeCursor(cursor, ['number'])?.[0] ?? 0;
    const isGivenUp = givenUp ?? null;
    const rows = await listUploads(sources.database, { isGivenUp, after, limit: limit + 1 });
    return pageOfRows(rows, limit, describeUpload, ({ id }) => [id]);
  },

  retryUploads: async (_, { sources }) => ({ uploads: await retryUploads(sources.database) }),

  async retryUpload({ address: { upload } }, { sources }) {
    const uploads = await retryUploads(sources.database, upload);
    if (uploads.length > 0) return { uploads };
    throw notFound(`No upload ${upload} was given up.`);
  },
};

function describeUpload(row: UploadState): Answer<'listUploads'>['items'][number] {
  const { id, store, derivation, outputs, tries, notBefore, error, isGivenUp } = row;
  return {
    id,
    store: withoutSecrets(store),
    derivation,
    outputs: [...outputs],
    tries,
    notBefore: isGivenUp || notBefore === 0 ? null : new Date(notBefore).toISOString(),
    error,
    givenUp: isGivenUp,
  };
}
