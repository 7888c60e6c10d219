import { z } from 'zod';
import { readTokenFile } from '../../configuration/secret.ts';
import { Fault, describeError } from '../../fault/fault.ts';

/** Options of every command that speaks to a runner. */
export const runnerOptions = {
  runner: { type: 'string', default: 'http://localhost:8080' },
  'token-file': { type: 'string' },
} as const;

export const runnerOptionsHelp = `  --runner URL           where the runner's status is (default: http://localhost:8080)
  --token-file FILE      with the token that the runner asks for: always where emergencyTokenPaths is set, for other
                         orders from other machines`;

type Chosen = { readonly runner: string; readonly 'token-file'?: string | undefined };

const refusal = z.object({ error: z.string() });

/** Asks, with `body` for something to be done; returns the answer. Throws `Fault` where the runner refuses. */
export async function askRunner(
  { runner, 'token-file': file }: Chosen,
  path: string,
  body?: object,
): Promise<unknown> {
  const remedy = 'Name a file with a token that the runner knows.';
  const authorization =
    file === undefined ? {} : { authorization: `Bearer ${readTokenFile(file, remedy)}` };
  const response = await fetch(new URL(path, runner), {
    headers: authorization,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new Fault('runner-unreachable', `no runner answers at ${runner}`, {
      remedy: 'Say where it is with --runner URL; the runner says so in its log.',
      cause,
    });
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  const said = refusal.safeParse(answer).data?.error ?? `status ${response.status}`;
  throw new Fault('runner-refused', `the runner at ${runner} refuses: ${describeError(said)}`);
}
