import { inspect } from 'node:util';
import type { DaemonEvent } from '../daemon/event.ts';
import type { ErrorReport } from '../daemon/messages.ts';

/** What was seen of a conversation between a client and a daemon. */
export type Trace =
  | {
      readonly type: 'greeting';
      /** What both speak. */
      readonly protocol: string;
      readonly features: readonly string[];
      /** Null where the daemon is too old to tell. */
      readonly nixVersion: string | null;
      readonly trust: 'unknown' | 'trusted' | 'untrusted';
    }
  | { readonly type: 'request'; readonly operation: string; readonly request: unknown }
  /** Data behind a request, or instead of a reply. */
  | { readonly type: 'data'; readonly operation: string; readonly bytes: number }
  | { readonly type: 'event'; readonly operation: string; readonly event: DaemonEvent }
  | { readonly type: 'reply'; readonly operation: string; readonly reply: unknown }
  | { readonly type: 'error'; readonly operation: string; readonly error: ErrorReport }
  | { readonly type: 'end' }
  /** What follows cannot be understood, and passes unseen. */
  | { readonly type: 'lost'; readonly reason: string };

/** A trace as a line for people. */
export function printTrace(trace: Trace): string {
  switch (trace.type) {
    case 'greeting': {
      const { protocol, features, nixVersion, trust } = trace;
      const extra = features.length === 0 ? '' : ` with ${features.join(', ')}`;
      return `protocol ${protocol}${extra}, Nix ${nixVersion ?? 'before 2.7'}, client ${trust}`;
    }
    case 'request':
      return `${trace.operation} ${printValue(trace.request)}`;
    case 'data':
      return `${trace.operation} moves ${trace.bytes} bytes`;
    case 'event':
      return `${trace.operation} tells ${printValue(trace.event)}`;
    case 'reply':
      return `${trace.operation} → ${printValue(trace.reply)}`;
    case 'error':
      return `${trace.operation} fails: ${trace.error.message}`;
    case 'end':
      return 'end';
    default:
      return `lost the thread: ${trace.reason}`;
  }
}

/** Texts in bytes are shown as text, and long lists in part. */
function printValue(value: unknown): string {
  if (value === undefined) return 'done';
  return inspect(withTexts(value), {
    breakLength: Infinity,
    compact: true,
    depth: 5,
    maxArrayLength: 10,
    maxStringLength: 200,
  });
}

function withTexts(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return value.length === digestInBytes
      ? Buffer.from(value).toString('hex')
      : Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(withTexts);
  if (value instanceof Map || value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item)]));
}

const digestInBytes = 32;
