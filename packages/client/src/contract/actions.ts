import { z } from 'zod';
import { action, nothing, read } from './endpoint.ts';
import { listOf } from './paging.ts';
import { account, login, newToken, signIns, token, wantedToken } from './shapes/account.ts';
import { id, idText } from './values.ts';

const noBody = z.undefined();
const ofBuild = z.object({ build: idText });
const ofEvaluation = z.object({ evaluation: idText });
const changed = z
  .object({ builds: z.array(id).describe('Those that were changed') })
  .meta({ id: 'ChangedBuilds' });
const which = z.object({
  which: z
    .enum(['failed', 'aborted'])
    .describe('All that did not succeed, or those that nobody knows of'),
});

/** Whoever is signed in, and the tokens by which they are. */
const accounts = {
  readSignIns: read({
    path: '/sign-ins',
    summary: 'Who else than a password says who somebody is',
    address: nothing,
    query: nothing,
    answer: signIns,
  }),
  logIn: action({
    method: 'POST',
    path: '/login',
    right: 'read',
    summary: "A session by a password of Hydra's: the answer sets its cookie",
    address: nothing,
    body: login,
    answer: account,
  }),
  logOut: action({
    method: 'POST',
    path: '/logout',
    right: 'account',
    summary: 'Ends the session',
    address: nothing,
    body: noBody,
    answer: nothing,
  }),
  readAccount: {
    ...read({
      path: '/account',
      summary: 'Who I am and what I may do',
      address: nothing,
      query: nothing,
      answer: account,
    }),
    right: 'account',
  },
  listTokens: {
    ...read({
      path: '/tokens',
      summary: 'My tokens',
      address: nothing,
      query: nothing,
      answer: listOf(token),
    }),
    right: 'account',
  },
  createToken: action({
    method: 'POST',
    path: '/tokens',
    right: 'account',
    summary: 'A new token of mine',
    address: nothing,
    body: wantedToken,
    answer: newToken,
  }),
  revokeToken: action({
    method: 'DELETE',
    path: '/tokens/{token}',
    right: 'account',
    summary: 'Makes a token of mine worthless',
    address: z.object({ token: idText }),
    body: noBody,
    answer: nothing,
  }),
} as const;

/** All that changes something. */
export const actions = {
  ...accounts,
  bumpBuild: action({
    method: 'POST',
    path: '/builds/{build}/bump',
    right: 'bump-to-front',
    summary: 'Puts a build before all others',
    address: ofBuild,
    body: noBody,
    answer: changed,
  }),
  cancelBuild: action({
    method: 'POST',
    path: '/builds/{build}/cancel',
    right: 'cancel-build',
    summary: 'Cancels a build that is not finished',
    address: ofBuild,
    body: noBody,
    answer: changed,
  }),
  restartBuild: action({
    method: 'POST',
    path: '/builds/{build}/restart',
    right: 'restart-jobs',
    summary: 'Queues a finished build again and forgets that its derivations failed',
    address: ofBuild,
    body: noBody,
    answer: changed,
  }),
  bumpEvaluation: action({
    method: 'POST',
    path: '/evaluations/{evaluation}/bump',
    right: 'bump-to-front',
    summary: 'Puts the unfinished builds of an evaluation before all others',
    address: ofEvaluation,
    body: noBody,
    answer: changed,
  }),
  cancelEvaluation: action({
    method: 'POST',
    path: '/evaluations/{evaluation}/cancel',
    right: 'cancel-build',
    summary: 'Cancels the unfinished builds of an evaluation',
    address: ofEvaluation,
    body: noBody,
    answer: changed,
  }),
  restartEvaluation: action({
    method: 'POST',
    path: '/evaluations/{evaluation}/restart',
    right: 'restart-jobs',
    summary: 'Queues failed or aborted builds of an evaluation again',
    address: ofEvaluation,
    body: which,
    answer: changed,
  }),
} as const;
