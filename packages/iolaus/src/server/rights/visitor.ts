import type { GrantedRight } from '../../api/contract.ts';

export type User = {
  readonly name: string;
  readonly fullName: string | null;
  /** Roles of Hydra; those that we do not know give nothing. */
  readonly roles: readonly string[];
  /** Projects that the user owns or is a member of. */
  readonly projects: readonly string[];
};

export const withoutPassword = ({ name, fullName, roles, projects }: User): User => ({
  name,
  fullName,
  roles,
  projects,
});

/** Who asks. A token may do less than its user: what is among its scopes, and the user may. */
export type Visitor =
  | { readonly type: 'anonymous' }
  | { readonly type: 'session'; readonly user: User }
  | { readonly type: 'token'; readonly user: User; readonly scopes: readonly string[] };

// Hydra lets members of a project do these in it.
const rightsOfMembers: ReadonlySet<GrantedRight> = new Set([
  'bump-to-front',
  'cancel-build',
  'restart-jobs',
  'eval-jobset',
]);

/** Whether `visitor` may do something; in `project`, where it is done in one. */
export function may(visitor: Visitor, right: GrantedRight, project?: string): boolean {
  if (visitor.type === 'anonymous') return false;
  const { user } = visitor;
  if (
    visitor.type === 'token' &&
    !visitor.scopes.some((scope) => scope === right || scope === 'admin')
  )
    return false;
  const isMember = project !== undefined && user.projects.includes(project);
  return (
    user.roles.includes('admin') ||
    user.roles.includes(right) ||
    (isMember && rightsOfMembers.has(right))
  );
}

/** The projects whose hidden builds `visitor` may see, too; `all` of them for administrators. */
export function hiddenProjects(visitor: Visitor): readonly string[] | 'all' {
  if (visitor.type === 'anonymous') return [];
  return visitor.user.roles.includes('admin') ? 'all' : visitor.user.projects;
}
