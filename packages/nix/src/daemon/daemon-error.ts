/**
 * - `unreachable`: nobody listens at the address
 * - `refused`: the daemon does not want us, or speaks another protocol
 * - `protocol`: what came over the wire makes no sense; the connection is closed
 * - `operation`: the daemon could not do what was asked; the connection stays usable
 * - `closed`: the connection ended before the answer came
 */
export type DaemonErrorKind = 'unreachable' | 'refused' | 'protocol' | 'operation' | 'closed';

/** Talking to a Nix daemon failed. The message of an `operation` is the daemon's, without colours. */
export class DaemonError extends Error {
  override readonly name = 'DaemonError';
  readonly kind: DaemonErrorKind;

  constructor(kind: DaemonErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
