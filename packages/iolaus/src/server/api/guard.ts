import type { Right } from '../../api/contract.ts';
import { findReadable } from '../../database/api/find-readable.ts';
import type { Asked } from '../../database/api/find-readable.ts';
import type { Reader } from '../../database/api/readable.ts';
import type { Database } from '../../database/connection/connection.ts';
import { ApiError, notFound } from '../http/api-error.ts';
import { may } from '../rights/visitor.ts';
import type { Visitor } from '../rights/visitor.ts';

type Address = Readonly<Record<string, unknown>>;

/**
 * Whether what an address names is there for the reader: in one place, so that no route can forget it. Returns its project,
 * if it has one. Throws `ApiError`, the same for what is hidden and for what is not there.
 */
export async function admitReader(
  database: Database,
  reader: Reader,
  address: Address,
): Promise<string | undefined> {
  const asked = findNamed(address);
  if (asked === null) return undefined;
  const project = await findReadable(database, reader, asked);
  if (project !== null) return project;
  throw notFound(`There is no ${asked.type} ${asked.names.join(':')}.`);
}

function findNamed({ project, jobset, evaluation, build }: Address): Asked | null {
  if (typeof build === 'number') return { type: 'build', names: [build] };
  if (typeof evaluation === 'number') return { type: 'evaluation', names: [evaluation] };
  if (typeof project !== 'string') return null;
  return typeof jobset === 'string'
    ? { type: 'jobset', names: [project, jobset] }
    : { type: 'project', names: [project] };
}

/** Throws `ApiError` if the visitor may not do it, in the project if it is done in one. */
export function demandRight(visitor: Visitor, right: Right, project: string | undefined): void {
  if (right === 'read') return;
  if (visitor.type === 'anonymous') {
    throw new ApiError(401, 'sign-in', 'Who are you? Show a token: Authorization: Bearer …');
  }
  if (right === 'account' || may(visitor, right, project)) return;
  throw new ApiError(403, 'denied', `${visitor.user.name} may not: it takes the right “${right}”.`);
}
