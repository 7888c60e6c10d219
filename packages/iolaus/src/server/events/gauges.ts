import { setTimeout as sleep } from 'node:timers/promises';
import type { Reader } from '../../database/api/readable.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { encodeEvent } from '../http/event-stream.ts';
import type { Audience, Group } from './audience.ts';

/** What is no event but a state that never rests: asked now and then while somebody looks, and told when it is another. */
export type Gauges = Readonly<Record<'builders' | 'queues', (reader: Reader) => Promise<object>>>;

// Load averages do not change faster than a person can read them.
const pauseMilliseconds = 2_000;
// Asking takes a tenth of the time at most.
const idleShare = 9;

/** Until `signal` is aborted. */
export async function tellGauges(
  audience: Audience,
  gauges: Gauges,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const told = new Map<string, string>();
  while (!signal.aborted) {
    const startedAt = performance.now();
    for (const [topic, ask] of Object.entries(gauges)) {
      await tellOne(audience, topic, ask, told).catch((error: unknown) =>
        logger.debug({ topic, error: describeError(error) }, 'a state could not be told'),
      );
    }
    const idle = (performance.now() - startedAt) * idleShare;
    await sleep(Math.max(pauseMilliseconds, idle), undefined, { signal }).catch(() => {});
  }
}

/** Once for all who may see the same. */
async function tellOne(
  audience: Audience,
  topic: string,
  ask: (reader: Reader) => Promise<object>,
  told: Map<string, string>,
): Promise<void> {
  const listening = [...audience.groups()].filter(({ topics }) => topics.has(topic));
  const byReader = Map.groupBy(listening, ({ reader }: Group) => JSON.stringify(reader));
  for (const key of told.keys()) {
    if (key.startsWith(topic) && !byReader.has(key.slice(topic.length))) told.delete(key);
  }
  for (const [reader, groups] of byReader) {
    const [first] = groups;
    if (first === undefined) continue;
    const state = await ask(first.reader);
    const json = JSON.stringify(state);
    if (told.get(topic + reader) === json) continue;
    told.set(topic + reader, json);
    for (const group of groups) audience.tell(group, encodeEvent(topic, state));
  }
}
