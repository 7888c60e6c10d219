import pg from 'pg';

// Classes and codes of PostgreSQL with which a connection ends, or does not begin: 08 connection exception, 57P01 to 57P05
// shutdown, crash, start and idleness, 53300 too many connections, 25P03 idle in a transaction.
const endingCode = /^(08...|57P0[1-5]|53300|25P03)$/;
// What the system says of a socket, and of a name that cannot be looked up.
const socketCode = /^(E[A-Z]{3,}|EAI_[A-Z]+)$/;
// What the driver says, which gives its own errors no codes.
const driverMessage =
  /^(Connection terminated|timeout expired|Client (has encountered|was closed))/;

// A column got another type since the statement was prepared on the connection, as when times become 64 bits wide.
const outdatedPlan = /^cached plan must not change result type/;

/** Whether the connection failed, and not what was asked over it: on another one it may succeed. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) {
    return endingCode.test(error.code ?? '') || isOutdated(error);
  }
  if (!(error instanceof Error)) return false;
  return socketCode.test(codeOf(error)) || driverMessage.test(error.message);
}

const isOutdated = ({ code, message }: pg.DatabaseError): boolean =>
  code === '0A000' && outdatedPlan.test(message);

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';
