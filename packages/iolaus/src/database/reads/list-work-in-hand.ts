import { NixFormatError, parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import type { Queryable } from '../connection/connection.ts';

/** A derivation that is to be built or published, or was until a moment ago; or an output that is to be published. */
export type WorkInHand = {
  readonly path: StorePath;
  readonly type: 'unfinished' | 'finished' | 'output';
};

/** Of what was given up nobody is at work on the derivation; its outputs stay for who has it tried again. */
export const listWorkInHandStatement = `
  select regexp_replace(drvpath, '^.*/', '') as name, 'unfinished' as type from builds where finished = 0
  union select regexp_replace(drvpath, '^.*/', ''), 'finished' from builds where finished = 1 and stoptime >= $1::bigint
  union select derivation, 'unfinished' from iolaus.uploads where not givenup and outputs != '{}'
  union select unnest(outputs), 'output' from iolaus.uploads`;

/** All that was in hand at some time since then, in seconds since the epoch. */
export async function listWorkInHand(database: Queryable, since: number): Promise<WorkInHand[]> {
  const rows = await database.query<{ name: string; type: WorkInHand['type'] }>(
    listWorkInHandStatement,
    [since],
  );
  return rows.flatMap(({ name, type }) => {
    const path = parseOrNull(name);
    return path === null ? [] : [{ path, type }];
  });
}

/** Nobody builds what is no path. */
function parseOrNull(name: string): StorePath | null {
  try {
    return parseBaseName(name);
  } catch (error) {
    if (error instanceof NixFormatError) return null;
    throw error;
  }
}
