import { Fault } from '../../../fault/fault.ts';
import type { S3Credentials } from './signature.ts';

/** Asked before each request; answers from memory while what it has is good. */
export type CredentialSource = () => Promise<S3Credentials>;

/** Credentials that end are renewed so long before: a request that was signed with them has to arrive, too. */
const renewMillisecondsBefore = 5 * 60_000;

/**
 * Where credentials come from: without a profile the two variables of the environment (and `AWS_SESSION_TOKEN`); else, and
 * where those are not set, whatever the AWS SDK finds: files, web identity, containers, instance metadata.
 */
export function openCredentials(
  profile: string | null,
  environment: NodeJS.ProcessEnv = process.env,
): CredentialSource {
  const fixed = profile === null ? fromEnvironment(environment) : null;
  return fixed === null ? fromSdk(profile) : () => Promise.resolve(fixed);
}

function fromEnvironment(environment: NodeJS.ProcessEnv): S3Credentials | null {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? '';
  const sessionToken = environment['AWS_SESSION_TOKEN'] ?? '';
  if (accessKeyId === '' || secretAccessKey === '') return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) };
}

/** The SDK is loaded only when it is needed: it takes some 60 ms. */
function fromSdk(profile: string | null): CredentialSource {
  let current: Promise<S3Credentials & { readonly expiration?: Date }> | undefined;
  const renew = async () => {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    return defaultProvider(profile === null ? {} : { profile })();
  };
  return async () => {
    current ??= renew();
    try {
      const credentials = await current;
      const end = credentials.expiration?.getTime() ?? Infinity;
      if (end - Date.now() < renewMillisecondsBefore) current = undefined;
      return credentials;
    } catch (cause) {
      current = undefined;
      throw new Fault('cache-unavailable', 'there are no credentials for S3', {
        remedy:
          'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in the address.',
        cause,
      });
    }
  };
}
