import { DaemonError } from './daemon-error.ts';
import type { DaemonErrorKind } from './daemon-error.ts';
import { OperationFailed } from './read-messages.ts';
import { Malformed } from './wire/malformed.ts';

/**
 * What daemons say to those they do not trust: to build input-addressed derivations, to add logs, roots or signatures,
 * to repair, to ignore liveness; and to import what nobody trusted has signed. Nothing but the words tells it; they come
 * first, since further down a message may quote a builder.
 */
const distrust =
  /^(?:you are not (?:privileged|allowed) to|repairing is not allowed|cannot add path '[^\n]*' because it lacks a )/;

/** What they say when they are too old, or want a feature that an old client does not know. */
const ignorance = /^(?:invalid operation \d|the daemon is missing the [^\n]* protocol feature)/;

/**
 * What cannot be understood is a fault of the other side; everything else says itself what it is.
 * @param operation what was being done, which begins the name of the field
 */
export function explain(operation: string, error: unknown, peer = 'daemon'): unknown {
  if (error instanceof OperationFailed) {
    const { message, traces } = error.report;
    return new DaemonError(kindOf(message), message, { traces });
  }
  if (error instanceof Malformed) {
    const { reason, offset, field, cause } = error.within(operation);
    return new DaemonError(
      'protocol',
      `What the ${peer} sent makes no sense: ${reason} (${field}, byte ${offset})`,
      { cause: cause ?? error, place: { field, offset } },
    );
  }
  return error;
}

function kindOf(message: string): DaemonErrorKind {
  if (distrust.test(message)) return 'untrusted';
  return ignorance.test(message) ? 'unsupported' : 'operation';
}
