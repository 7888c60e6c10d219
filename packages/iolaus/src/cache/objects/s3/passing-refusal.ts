const passing = new Set([
  // It is busy.
  'RequestTimeout',
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  // Another one writes the same at this moment.
  'ConditionalRequestConflict',
  'OperationAborted',
  // What was sent was damaged on the way.
  'BadDigest',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
]);

/** Whether what S3 does not do now may go well at another time. */
export function isPassing(status: number, code: string): boolean {
  // 501: the server does not know how, and will not learn it.
  return (status >= 500 && status !== 501) || status === 429 || passing.has(code);
}
