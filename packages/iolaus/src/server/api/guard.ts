import { mayRead } from '../../database/api/may-read.ts';
import type { Asked } from '../../database/api/may-read.ts';
import type { Reader } from '../../database/api/readable.ts';
import type { Database } from '../../database/connection.ts';
import { notFound } from '../http/api-error.ts';

type Address = Readonly<Record<string, unknown>>;

/**
 * Whether what an address names is there for the reader: in one place, so that no route can forget it. Throws `ApiError`,
 * the same for what is hidden and for what is not there.
 */
export async function admitReader(
  database: Database,
  reader: Reader,
  address: Address,
): Promise<void> {
  const asked = findNamed(address);
  if (asked === null || (await mayRead(database, reader, asked))) return;
  throw notFound(`There is no ${asked.type} “${asked.names.join(':')}”.`);
}

function findNamed({ project, jobset, evaluation, build }: Address): Asked | null {
  if (typeof build === 'number') return { type: 'build', names: [build] };
  if (typeof evaluation === 'number') return { type: 'evaluation', names: [evaluation] };
  if (typeof project !== 'string') return null;
  return typeof jobset === 'string'
    ? { type: 'jobset', names: [project, jobset] }
    : { type: 'project', names: [project] };
}
