import type { Reader } from '../../database/api/readable.ts';
import type { EventStream } from '../http/event-stream.ts';
import { encodeEvent } from '../http/event-stream.ts';
import type { Message } from './messages.ts';

/** Those who hear the same: events are written once for all of them. */
export type Group = {
  readonly topics: ReadonlySet<string>;
  readonly reader: Reader;
  readonly members: Set<Member>;
};

type Member = { readonly stream: EventStream; isBehind: boolean };

export type Audience = {
  groups(): Iterable<Group>;
  readonly size: number;
  /** Until the stream is gone. */
  admit(stream: EventStream, topics: readonly string[], reader: Reader): void;
  /** Sends something to all of a group that can follow. */
  tell(group: Group, bytes: Uint8Array): void;
};

// A few seconds of a busy farm. Who is further behind is kept nothing for: it hears that it has to read again.
const waitingBytesMax = 64 * 1024;

/** `resetNow` is what those are told who could not follow, when they can again. */
export function createAudience(resetNow: () => Uint8Array): Audience {
  const groups = new Map<string, Group>();

  const wait = async (member: Member): Promise<void> => {
    member.isBehind = true;
    await member.stream.drained();
    member.isBehind = false;
    member.stream.send(resetNow());
  };
  return {
    groups: () => groups.values(),
    get size() {
      return groups.values().reduce((sum, { members }) => sum + members.size, 0);
    },
    admit(stream, topics, reader) {
      const key = JSON.stringify([topics.toSorted(), reader]);
      const group = groups.get(key) ?? { topics: new Set(topics), reader, members: new Set() };
      groups.set(key, group);
      const member = { stream, isBehind: false };
      group.members.add(member);
      stream.gone.addEventListener('abort', () => {
        group.members.delete(member);
        if (group.members.size === 0 && groups.get(key) === group) groups.delete(key);
      });
    },
    tell({ members }, bytes) {
      for (const member of members) {
        if (member.isBehind) continue;
        if (member.stream.waitingBytes > waitingBytesMax) void wait(member);
        else member.stream.send(bytes);
      }
    },
  };
}

/** What of the messages a group may hear and wants to; empty: nothing. */
export function encodeFor(
  { topics, reader }: Pick<Group, 'topics' | 'reader'>,
  messages: readonly Message[],
): Uint8Array {
  const heard = messages.filter(
    (message) =>
      (!message.hidden || reader === 'all' || reader.includes(message.project)) &&
      message.topics.some((topic) => topics.has(topic)),
  );
  return Buffer.concat(heard.map(({ event, data }) => encodeEvent(event, data)));
}
