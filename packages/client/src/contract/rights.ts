import { z } from 'zod';

/**
 * What somebody may do beyond reading, and a token be good for, in Hydra's words for its roles: the first four have members
 * of a project in it, the rest are for administrators and whoever was given the role. Two are ours: `operate` for machines,
 * shares and uploads, `emergency` for putting others' work aside; Hydra leaves these to its administrators.
 */
export const grantable = z.enum([
  'bump-to-front',
  'cancel-build',
  'restart-jobs',
  'eval-jobset',
  'create-projects',
  'operate',
  'emergency',
  'admin',
]);

export type GrantedRight = z.output<typeof grantable>;

/** What an operation needs: `read` has everybody, `account` whoever is signed in. */
export type Right = GrantedRight | 'read' | 'account';
