import {
  listMissingIndexes,
  makeOwnIndexes,
  ownIndexes,
} from '../../database/schema/own-indexes.ts';
import type { IndexMade } from '../../database/schema/own-indexes.ts';
import { parseParameters, refusePositionals } from '../command.ts';
import type { Command } from '../command.ts';
import { openCommandDatabase } from '../command-database.ts';

const help = `iolaus database indexes: makes the indexes that lists and search are answered from

  --db-url URL   the database (also: HYDRA_DATABASE_URL)
  --dry-run      say which are missing

In a new database they are there. In one that has grown they are made beside what goes on, one after the other: nobody waits
for it, but the disk is busy for a while, some ten seconds for each million builds. When it is broken off, call it again.
Search needs the extension pg_trgm, which comes with PostgreSQL; without it everything works, but search goes through all builds.`;

export const indexesCommand: Command = { help, run };

async function run(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('database indexes', parameters, {
    'db-url': { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
  });
  refusePositionals('database indexes', positionals);
  await using opened = await openCommandDatabase(values['db-url']);
  const { database } = opened;
  const missing = await listMissingIndexes(database);
  if (missing.length === 0) console.log(`All ${ownIndexes.length} indexes are there.`);
  else if (values['dry-run']) {
    for (const { name, table, isBroken } of missing)
      console.log(`${table}: ${name} is ${isBroken ? 'half made' : 'missing'}`);
  } else await makeOwnIndexes(database, tell);
  return 0;
}

function tell(made: IndexMade): void {
  if (made.type === 'refused') console.log(`${made.index} is left out: ${made.why}`);
  else console.log(made.type === 'making' ? `making ${made.index}` : `${made.index} is made`);
}
