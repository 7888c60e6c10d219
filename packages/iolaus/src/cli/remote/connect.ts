import { ApiProblem, createClient } from '../../api/client.ts';
import type { ApiClient } from '../../api/client.ts';
import { Fault } from '../../fault/fault.ts';

export const remoteOptions = { url: { type: 'string' } } as const;

export const remoteHelp = `--url URL         the farm's server (default: $IOLAUS_URL, or http://localhost:3000)
  $IOLAUS_TOKEN     what shows that you may (\`iolaus token create\`)`;

const usualUrl = 'http://localhost:3000';

/** Does something with a server; what it says against it becomes a `Fault`. */
export async function withServer<Result>(
  given: string | undefined,
  act: (client: ApiClient) => Promise<Result>,
): Promise<Result> {
  const url = given ?? process.env['IOLAUS_URL'] ?? usualUrl;
  try {
    return await act(createClient({ url, token: process.env['IOLAUS_TOKEN'] || undefined }));
  } catch (error) {
    throw explain(error, url);
  }
}

const remedies: Readonly<Record<number, string>> = {
  401: 'Set IOLAUS_TOKEN to a token that is good for it.',
  403: 'Set IOLAUS_TOKEN to a token that is good for it.',
  503: 'Try again in a while.',
};

function explain(error: unknown, url: string): unknown {
  if (error instanceof ApiProblem) {
    const remedy = remedies[error.status];
    return new Fault('server-refused', error.message, {
      ...(remedy === undefined ? {} : { remedy }),
      cause: error,
    });
  }
  if (error instanceof TypeError) {
    return new Fault('server-unreachable', `no server of a farm answers at ${url}`, {
      remedy: 'Name it with --url or IOLAUS_URL.',
      cause: error,
    });
  }
  return error;
}
