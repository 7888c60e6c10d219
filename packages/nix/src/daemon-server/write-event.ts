import type { Activity, DaemonEvent } from '../daemon/event.ts';
import type { Message, MessageField } from '../daemon/messages.ts';

/** The message by which a daemon tells an event. What is of no known type becomes one that nobody knows. */
export function writeEvent(event: DaemonEvent): Message {
  switch (event.type) {
    case 'text':
      return event;
    case 'activity-started': {
      const { id, parent, level, text } = event;
      return { type: 'start-activity', id, parent, level, text, ...writeActivity(event.activity) };
    }
    case 'activity-stopped':
      return { type: 'stop-activity', id: event.id };
    default:
      return { type: 'result', id: event.id, ...writeResult(event) };
  }
}

type Numbered = { readonly kind: number; readonly fields: readonly MessageField[] };

const unspecific = 0;

function writeActivity(activity: Activity): Numbered {
  switch (activity.type) {
    case 'copy-path':
      return numbered(100, activity.path, activity.from, activity.to);
    case 'file-transfer':
      return numbered(101, activity.uri);
    case 'realise':
      return numbered(102);
    case 'copy-paths':
      return numbered(103);
    case 'builds':
      return numbered(104);
    case 'build':
      // Round 1 of 1, from the days when builds were repeated.
      return numbered(105, activity.derivation, activity.machine, 1n, 1n);
    case 'optimise-store':
      return numbered(106);
    case 'verify-paths':
      return numbered(107);
    case 'substitute':
      return numbered(108, activity.path, activity.substituter);
    case 'query-path-info':
      return numbered(109, activity.path, activity.uri);
    case 'post-build-hook':
      return numbered(110, activity.derivation);
    case 'build-waiting':
      return numbered(111);
    case 'resolved':
      return numbered(111, activity.derivation, activity.resolved);
    case 'fetch-tree':
      return numbered(112);
    default:
      return numbered(unspecific);
  }
}

type ResultEvent = Exclude<
  DaemonEvent,
  { readonly type: 'text' | 'activity-started' | 'activity-stopped' }
>;

function writeResult(event: ResultEvent): Numbered {
  switch (event.type) {
    case 'file-linked':
      return numbered(100, event.bytes, 0n);
    case 'log-line':
      return numbered(event.of === 'builder' ? 101 : 107, event.line);
    case 'untrusted-path':
      return numbered(102, event.path);
    case 'corrupted-path':
      return numbered(103, event.path);
    case 'phase':
      return numbered(104, event.phase);
    case 'progress':
      return numbered(105, event.done, event.expected, event.running, event.failed);
    case 'expected':
      return numbered(106, event.kind, event.count);
    case 'fetch-status':
      return numbered(108, event.text);
    default:
      return numbered(event.kind);
  }
}

function numbered(kind: number, ...fields: readonly (MessageField | string)[]): Numbered {
  return {
    kind,
    fields: fields.map((field) => (typeof field === 'string' ? Buffer.from(field) : field)),
  };
}
