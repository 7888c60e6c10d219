import type { Activity, DaemonEvent } from './event.ts';
import type { Message, MessageField } from './messages.ts';

/** What a message tells, or null where it only serves the protocol. */
export function readEvent(message: Message): DaemonEvent | null {
  switch (message.type) {
    case 'text':
      return { type: 'text', text: message.text };
    case 'start-activity': {
      const { id, parent, level, text, kind, fields } = message;
      return {
        type: 'activity-started',
        id,
        parent,
        level,
        text,
        activity: readActivity(kind, fields),
      };
    }
    case 'stop-activity':
      return { type: 'activity-stopped', id: message.id };
    case 'result':
      return readResult(message.id, message.kind, message.fields);
    default:
      return null;
  }
}

/** By their numbers; what has other fields than expected is of no known type. */
function readActivity(kind: number, fields: readonly MessageField[]): Activity {
  const [first, second, third] = fields.map(textOf);
  switch (kind) {
    case 100:
      return { type: 'copy-path', path: first ?? '', from: second ?? '', to: third ?? '' };
    case 101:
      return { type: 'file-transfer', uri: first ?? '' };
    case 102:
      return { type: 'realise' };
    case 103:
      return { type: 'copy-paths' };
    case 104:
      return { type: 'builds' };
    case 105:
      return { type: 'build', derivation: first ?? '', machine: second ?? '' };
    case 106:
      return { type: 'optimise-store' };
    case 107:
      return { type: 'verify-paths' };
    case 108:
      return { type: 'substitute', path: first ?? '', substituter: second ?? '' };
    case 109:
      return { type: 'query-path-info', path: first ?? '', uri: second ?? '' };
    case 110:
      return { type: 'post-build-hook', derivation: first ?? '' };
    case 111:
      return first === undefined || second === undefined
        ? { type: 'build-waiting' }
        : { type: 'resolved', derivation: first, resolved: second };
    case 112:
      return { type: 'fetch-tree' };
    default:
      return { type: 'other' };
  }
}

function readResult(id: bigint, kind: number, fields: readonly MessageField[]): DaemonEvent {
  const [first] = fields;
  const text = textOf(first) ?? '';
  switch (kind) {
    case 100:
      return { type: 'file-linked', id, bytes: numberOf(first) };
    case 101:
      return { type: 'log-line', id, line: bytesOf(first), of: 'builder' };
    case 102:
      return { type: 'untrusted-path', id, path: text };
    case 103:
      return { type: 'corrupted-path', id, path: text };
    case 104:
      return { type: 'phase', id, phase: text };
    case 105:
      return readProgress(id, fields);
    case 106:
      return { type: 'expected', id, kind: numberOf(first), count: numberOf(fields[1]) };
    case 107:
      return { type: 'log-line', id, line: bytesOf(first), of: 'post-build-hook' };
    case 108:
      return { type: 'fetch-status', id, text };
    default:
      return { type: 'other', id, kind };
  }
}

function readProgress(id: bigint, fields: readonly MessageField[]): DaemonEvent {
  const [done = 0n, expected = 0n, running = 0n, failed = 0n] = fields.map(numberOf);
  return { type: 'progress', id, done, expected, running, failed };
}

function textOf(field: MessageField | undefined): string | undefined {
  return field instanceof Uint8Array ? Buffer.from(field).toString('utf8') : undefined;
}

function bytesOf(field: MessageField | undefined): Uint8Array {
  return field instanceof Uint8Array ? field : new Uint8Array();
}

function numberOf(field: MessageField | undefined): bigint {
  return typeof field === 'bigint' ? field : 0n;
}
