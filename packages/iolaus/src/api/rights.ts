import { z } from 'zod';

/**
 * What a token may be good for, in Hydra's words for its roles: the first four have members of a project in it, `operate`
 * (machines, shares) and the rest are for administrators and whoever was given the role.
 */
export const grantable = z.enum([
  'bump-to-front',
  'cancel-build',
  'restart-jobs',
  'eval-jobset',
  'create-projects',
  'operate',
  'admin',
]);

/** What an operation needs: `read` has everybody, `account` whoever is signed in. */
export type Right = z.output<typeof grantable> | 'read' | 'account';
