import { DaemonError } from './daemon-error.ts';
import { OperationFailed } from './read-messages.ts';
import { Malformed } from './wire/malformed.ts';

/**
 * What daemons say to those they do not trust: to build input-addressed derivations, to add logs, roots or signatures,
 * to repair, to ignore liveness; and to import what nobody trusted has signed. Nothing but the words tells it.
 */
const distrust =
  /not privileged|privileged operation|not allowed to|because you are not in 'trusted-users'|lacks a (?:valid )?signature/;

/** What cannot be understood is a fault of the daemon; everything else says itself what it is. */
export function explain(operation: string, error: unknown): unknown {
  if (error instanceof OperationFailed) {
    const { message, traces } = error.report;
    return new DaemonError(distrust.test(message) ? 'untrusted' : 'operation', message, { traces });
  }
  if (error instanceof Malformed) {
    const { reason, offset, cause } = error.within(operation);
    const place = { field: error.within(operation).field, offset };
    return new DaemonError(
      'protocol',
      `The daemon's answer makes no sense: ${reason} (${place.field}, byte ${offset})`,
      { cause: cause ?? error, place },
    );
  }
  return error;
}
