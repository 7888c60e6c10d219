import type { Reader } from '../../database/api/readable.ts';
import type { Database } from '../../database/connection/connection.ts';
import { isKnownPosition, readEvents, readPosition } from '../../database/events/read-events.ts';
import type { EventRow, Position } from '../../database/events/read-events.ts';
import type { EventStream } from '../http/event-stream.ts';
import { encodeEvent } from '../http/event-stream.ts';
import { encodeFor } from './audience.ts';
import type { Audience, Group } from './audience.ts';
import { describeEvents } from './messages.ts';

/** Somebody who wants to hear what changes. */
export type Newcomer = {
  readonly stream: EventStream;
  readonly topics: readonly string[];
  readonly reader: Reader;
  /** What the last event said that they got; anything else than a position is as good as none. */
  readonly lastId: string | undefined;
};

// Whoever comes back after more than this reads everything anew: it is less.
const rowsMax = 2_000;

/** Sends what happened since the newcomer was last here; who has to read everything is told so. */
export async function welcome(
  database: Database,
  audience: Audience,
  { stream, topics, reader, lastId }: Newcomer,
  position: Position,
): Promise<void> {
  const last = lastId === undefined ? null : readPosition(lastId);
  const missed = last === null ? null : await readMissed(database, last, position);
  if (missed === null) {
    stream.send(writePosition(position, lastId === undefined ? 'ready' : 'reset'));
  } else {
    const group = { topics: new Set(topics), reader };
    const messages = await describeEvents(database, missed, watchedEvaluations([group]));
    stream.send(encodeFor(group, messages));
    stream.send(writePosition(position, 'ready'));
  }
  audience.admit(stream, topics, reader);
}

/** Null: it is too much, or not there any more. */
async function readMissed(
  database: Database,
  from: Position,
  to: Position,
): Promise<readonly EventRow[] | null> {
  if (!(await isKnownPosition(database, from))) return null;
  const { rows } = await readEvents(database, { from, to, limit: rowsMax + 1 });
  return rows.length > rowsMax ? null : rows;
}

/** Tells all who listen what has happened after `from`, and returns how far that is. */
export async function tellNewEvents(
  database: Database,
  audience: Audience,
  from: Position,
): Promise<Position> {
  const { rows, position } = await readEvents(database, { from, to: null, limit: rowsMax + 1 });
  if (rows.length === 0) return position;
  const groups = [...audience.groups()];
  const end = writePosition(position, rows.length > rowsMax ? 'reset' : undefined);
  const messages =
    rows.length > rowsMax ? [] : await describeEvents(database, rows, watchedEvaluations(groups));
  for (const group of groups) {
    const news = encodeFor(group, messages);
    if (news.length > 0 || rows.length > rowsMax) {
      audience.tell(group, Buffer.concat([news, end]));
    }
  }
  return position;
}

const watchedEvaluations = (groups: readonly Pick<Group, 'topics'>[]): number[] =>
  groups.flatMap(({ topics }) =>
    [...topics].flatMap((topic) => {
      const id = /^evaluation:(\d+)$/.exec(topic)?.[1];
      return id === undefined ? [] : Number(id);
    }),
  );

/** Comes after what happened before it: an id without an event is kept by browsers for when they come back. */
export const writePosition = (position: Position, event?: 'ready' | 'reset'): Uint8Array =>
  event === undefined ? Buffer.from(`id: ${position}\n\n`) : encodeEvent(event, null, position);
