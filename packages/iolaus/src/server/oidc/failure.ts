import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { ApiError } from '../http/api-error.ts';

/** What somebody is told whose sign-in failed for `error`, as an `ApiError`; what is no matter of the provider's stays as it is. */
export function wordFailure(error: unknown, provider: string): unknown {
  if (error instanceof AuthorizationResponseError) {
    const reason = error.error_description ?? error.error;
    return new ApiError(403, 'sign-in-refused', `${provider} did not sign you in: ${reason}.`);
  }
  if (error instanceof ResponseBodyError) {
    const sentence = `${provider} does not take what this server shows: ${error.error}. Its log says more.`;
    return new ApiError(503, 'sign-in-failed', sentence);
  }
  if (isUnreachable(error)) {
    return new ApiError(
      503,
      'sign-in-failed',
      `${provider} does not answer. Try again in a while.`,
    );
  }
  if (error instanceof ClientError) {
    const sentence = `What ${provider} says of you cannot be trusted. The server's log says why.`;
    return new ApiError(403, 'sign-in-refused', sentence);
  }
  return error;
}

/** `fetch` throws a `TypeError` where nobody answers. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof TypeError ||
  (error instanceof ClientError && ['OAUTH_TIMEOUT', 'OAUTH_ABORT'].includes(error.code ?? ''));
