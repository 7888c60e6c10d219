import type { Database } from '../../database/connection/connection.ts';
import { admitReader } from '../api/guard.ts';
import { readId } from '../http/parameters.ts';

/** The step of a build in an address. Throws `ApiError`. */
export const readStepAddress = (parameters: { build: string; step: string }) => ({
  build: readId(parameters.build, 'build'),
  number: readId(parameters.step, 'step'),
});

/** The id of a build in an address, if everybody may know of it. Throws `ApiError`. */
export async function readPublicBuild(
  database: Database,
  text: string | undefined,
): Promise<number> {
  const build = readId(text, 'build');
  await admitReader(database, [], { build });
  return build;
}
