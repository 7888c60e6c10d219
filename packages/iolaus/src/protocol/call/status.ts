import { describeError } from '../../fault/fault.ts';
import { CallError } from '../call-error.ts';
import type { CallStatus } from '../call-error.ts';

/** gRPC's numbers. */
const numbers = {
  cancelled: 1,
  'invalid-argument': 3,
  'not-found': 5,
  'resource-exhausted': 8,
  'failed-precondition': 9,
  'out-of-range': 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const satisfies Record<CallStatus, number>;

const names = new Map(
  Object.entries(numbers).map(([name, number]) => [String(number), name as CallStatus]),
);

// A message travels as a header: peers refuse a block of headers beyond 16 KiB (hyper) or 64 KiB (Node).
const messageLimitCharacters = 2_000;

export type StatusHeaders = { readonly 'grpc-status': string; readonly 'grpc-message'?: string };

export const okHeaders: StatusHeaders = { 'grpc-status': '0' };

/** How a failed call ends on the wire. */
export function statusHeaders(error: CallError): StatusHeaders {
  return {
    'grpc-status': String(numbers[error.status]),
    'grpc-message': percentEncode(error.message.slice(0, messageLimitCharacters)),
  };
}

/** What a status on the wire means: null for success. Statuses that we do not use count as `internal`. */
export function statusError(status: string, message: string | undefined): CallError | null {
  if (status === '0') return null;
  const text = message === undefined ? '' : percentDecode(message);
  return new CallError(names.get(status) ?? 'internal', text === '' ? `status ${status}` : text);
}

/** What a handler threw, as the caller shall see it. */
export function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  return new CallError('internal', describeError(error), { cause: error });
}

/** UTF-8 with everything but printable ASCII escaped, as gRPC wants `grpc-message`. */
function percentEncode(text: string): string {
  return text.toWellFormed().replace(/[^ -$&-~]/gu, encodeURIComponent);
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
