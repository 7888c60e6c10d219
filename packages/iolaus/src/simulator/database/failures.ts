import pg from 'pg';

/** What PostgreSQL answers when it refuses a statement. */
export function databaseError(code: string, message: string): pg.DatabaseError {
  const error = new pg.DatabaseError(message, message.length, 'error');
  error.code = code;
  return error;
}

/** What the system says of a socket. */
export function lostConnection(code = 'ECONNRESET'): Error {
  return Object.assign(new Error('the connection was lost'), { code });
}
