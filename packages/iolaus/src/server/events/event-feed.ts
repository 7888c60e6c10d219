import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/connection/connection.ts';
import { eventsChannel } from '../../database/events/event-triggers.ts';
import { pruneEvents, readPositionNow } from '../../database/events/read-events.ts';
import type { Position } from '../../database/events/read-events.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { createAudience } from './audience.ts';
import type { Audience } from './audience.ts';
import { tellNewEvents, welcome, writePosition } from './tell-events.ts';
import type { Newcomer } from './tell-events.ts';

export type EventFeed = {
  readonly audience: Audience;
  join(newcomer: Newcomer): void;
  close(): Promise<void>;
};

// Faster than anybody can look, and few enough for a server of many pages.
const pauseMilliseconds = 200;
// Whoever misses a notification is so late.
const pollMilliseconds = 2_000;
// Longer than a laptop sleeps over lunch.
const keptSeconds = 6 * 3_600;
const pruneMilliseconds = 600_000;
// The position of those to whom nothing was told goes on, too.
const positionMilliseconds = 15_000;

/** Reads the event log once for all who listen to this server; several servers read the same. */
export async function feedEvents(database: Database, logger: Logger): Promise<EventFeed> {
  const closing = new AbortController();
  const newcomers: Newcomer[] = [];
  let wake = Promise.withResolvers<void>();
  let position: Position = await readPositionNow(database);
  const audience = createAudience(() => writePosition(position, 'reset'));
  const listener = await database.listen(
    [eventsChannel],
    () => wake.resolve(),
    () => wake.resolve(),
  );

  /** Newcomers hear nothing that happened before they came, but for what they missed. */
  const turn = async (): Promise<void> => {
    const arrived = newcomers.splice(0);
    await using unheard = new AsyncDisposableStack();
    // They come back when the database does.
    unheard.defer(() => arrived.forEach(({ stream }) => stream.drop()));
    position =
      audience.size > 0
        ? await tellNewEvents(database, audience, position)
        : await readPositionNow(database);
    for (const newcomer of arrived) await welcome(database, audience, newcomer, position);
    unheard.move();
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await Promise.race([wake.promise, sleep(pollMilliseconds, undefined, closing)]);
      wake = Promise.withResolvers();
      await turn().catch((error: unknown) =>
        logger.warn({ error: describeError(error) }, 'the event log could not be read'),
      );
      await sleep(pauseMilliseconds, undefined, closing);
    }
  };
  const running = run().catch(() => {});
  const timers = [
    setInterval(() => void forget(database, logger), pruneMilliseconds),
    setInterval(() => {
      for (const group of audience.groups()) audience.tell(group, writePosition(position));
    }, positionMilliseconds),
  ];
  return {
    audience,
    join(newcomer) {
      newcomers.push(newcomer);
      wake.resolve();
    },
    async close() {
      timers.forEach((timer) => clearInterval(timer));
      closing.abort();
      await running;
      await listener.close();
    },
  };
}

async function forget(database: Database, logger: Logger): Promise<void> {
  try {
    await pruneEvents(database, Math.floor(Date.now() / 1_000) - keptSeconds);
  } catch (error) {
    logger.warn({ error: describeError(error) }, 'old events could not be forgotten');
  }
}
