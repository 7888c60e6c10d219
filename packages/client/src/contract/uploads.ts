import { z } from 'zod';
import { action, nothing, read } from './endpoint.ts';
import { pageOf, pageQuery } from './paging.ts';
import { retried, upload } from './shapes/upload.ts';

const uploadId = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number);

/** What is to be published. It tells of all projects, so that not everybody may read it. */
export const uploads = {
  listUploads: {
    ...read({
      path: '/uploads',
      summary: 'What has still to be published, the oldest first',
      address: nothing,
      query: pageQuery.extend({ givenUp: z.stringbool().optional() }),
      answer: pageOf(upload),
    }),
    right: 'operate',
  },
  retryUploads: action({
    method: 'POST',
    path: '/uploads/retry',
    right: 'operate',
    summary: 'Gives all uploads that were given up another chance',
    address: nothing,
    body: z.undefined(),
    answer: retried,
  }),
  retryUpload: action({
    method: 'POST',
    path: '/uploads/{upload}/retry',
    right: 'operate',
    summary: 'Gives one upload that was given up another chance',
    address: z.object({ upload: uploadId }),
    body: z.undefined(),
    answer: retried,
  }),
} as const;
