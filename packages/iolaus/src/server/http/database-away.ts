// Classes of PostgreSQL's codes: the connection failed; the server is stopping, starting, or has no connection left.
const awayStates = /^(08|57P|53300)/;
const awayErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
]);
// What the driver says in words only, when a connection dies under a statement or never comes.
const awayWords = /^(Connection terminated|timeout exceeded when trying to connect)/;

/** Whether a statement failed because the database is away, which passes by itself. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return awayStates.test(code) || awayErrors.has(code) || awayWords.test(error.message);
}
