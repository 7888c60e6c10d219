import type { Change } from '@iolaus/web/api';
import type { Database } from '../../database/connection/connection.ts';
import { publicBuilds } from '../../database/reads/public-builds.ts';
import { encodeEvent } from '../http/event-stream.ts';
import type { Listeners } from '../http/listeners.ts';

/** Tells everybody what has changed of what everybody may know. */
export async function tellPublic(
  database: Database,
  change: Change,
  listeners: Pick<Listeners, 'tell'>,
): Promise<void> {
  const told = change.all ? change : await leaveOutHidden(database, change);
  if (told.all || told.builds.length > 0) listeners.tell(encodeEvent('change', told));
}

/** Where the database does not say what is hidden, that something changed is told, and not what. */
const leaveOutHidden = async (database: Database, { builds }: Change): Promise<Change> => {
  try {
    return { builds: await publicBuilds(database, builds), all: false };
  } catch {
    return { builds: [], all: true };
  }
};
