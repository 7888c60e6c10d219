/**
 * - `unreachable`: nobody listens at the address
 * - `refused`: the daemon does not want us, or speaks another protocol
 * - `protocol`: what came over the wire makes no sense; the connection is closed
 * - `unsupported`: the daemon is too old, or too new, for what was asked
 * - `untrusted`: the daemon does that only for users, or with signatures, that it trusts
 * - `operation`: the daemon could not do what was asked; the connection stays usable
 * - `closed`: the connection ended before the answer came
 */
export type DaemonErrorKind =
  | 'unreachable'
  | 'refused'
  | 'protocol'
  | 'unsupported'
  | 'untrusted'
  | 'operation'
  | 'closed';

/** Where in what a daemon sent something was wrong. */
export type WirePlace = {
  /** Such as `QueryPathInfo.references[3]`. */
  readonly field: string;
  /** The byte, counted from the first that the daemon sent on this connection. */
  readonly offset: number;
};

/** What a `DaemonError` may know besides its message. */
export type DaemonErrorOptions = ErrorOptions & {
  readonly place?: WirePlace | undefined;
  readonly traces?: readonly string[] | undefined;
};

/** Talking to a Nix daemon failed. The message of an `operation` is the daemon's, without colours. */
export class DaemonError extends Error {
  override readonly name = 'DaemonError';
  readonly kind: DaemonErrorKind;
  /** Where the daemon's words made no sense; only for `protocol`. */
  readonly place: WirePlace | null;
  /** What the daemon was doing, from its error's outermost frame to the innermost. */
  readonly traces: readonly string[];

  constructor(kind: DaemonErrorKind, message: string, options: DaemonErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.place = options.place ?? null;
    this.traces = options.traces ?? [];
  }
}
