/** Why a call failed: gRPC's statuses, as far as runner and builder use them. */
export type CallStatus =
  | 'cancelled'
  | 'invalid-argument'
  | 'not-found'
  | 'failed-precondition'
  | 'out-of-range'
  | 'resource-exhausted'
  | 'unauthenticated'
  | 'unimplemented'
  | 'unavailable'
  | 'internal';

/**
 * A call that failed. Handlers of the runner throw it to choose the status that the builder sees (anything else is
 * `internal`); the client throws nothing else.
 */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly status: CallStatus;

  constructor(status: CallStatus, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}
