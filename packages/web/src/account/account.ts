import { signal } from '@preact/signals';
import { getJson, send } from '../api/request.ts';
import { apiRoot } from '../api/v2.ts';
import type { Account } from '../api/v2.ts';

/** Who is signed in, as far as the page knows. */
export const account = signal<Account | null>(null);

// The cookie of the session can be read by no script; without the one beside it every visitor would be asked for in vain.
const mark = /(^|; )iolaus_signed_in=yes/;

/** Finds out who is signed in, if somebody was. */
export async function recogniseAccount(): Promise<void> {
  if (!mark.test(document.cookie)) return;
  try {
    account.value = await getJson<Account>(`${apiRoot}/account`, new AbortController().signal);
  } catch {
    account.value = null;
  }
}

/** Throws `RequestFailure` where the name or the password is wrong. */
export async function signIn(username: string, password: string): Promise<void> {
  account.value = await send<Account>('POST', `${apiRoot}/login`, { username, password });
}

export async function signOut(): Promise<void> {
  await send('POST', `${apiRoot}/logout`);
  account.value = null;
}

// Hydra lets members of a project do these in it.
const rightsOfMembers = new Set(['bump-to-front', 'cancel-build', 'restart-jobs']);

/** Whether somebody may do what takes a right, in a project where it is done in one; what the server says decides. */
export const may = (who: Account | null, right: string, project?: string): boolean =>
  who !== null &&
  (who.roles.includes('admin') ||
    who.roles.includes(right) ||
    (project !== undefined && who.projects.includes(project) && rightsOfMembers.has(right)));
