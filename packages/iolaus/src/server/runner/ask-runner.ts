import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

// The page waits for it; a runner that is busier than this has other things to do.
const answerMillisecondsMax = 1000;
// Hundreds of thousands of steps, from a runner that goes on with its work meanwhile.
const longAnswerMillisecondsMax = 30_000;

/** The runner answered, and not with what was asked for. */
export class RunnerRefused extends Error {
  override readonly name = 'RunnerRefused';
  readonly status: number;
  /** What it said. */
  readonly answer: string;

  constructor(status: number, answer = '') {
    super(`the runner answered with status ${status}: ${answer.slice(0, answerCharactersMax)}`);
    this.status = status;
    this.answer = answer;
  }
}

// A sentence; what else it may be fills no log.
const answerCharactersMax = 300;

/** The runner's answer to a GET, at `http://host:port` or `unix:///path`. Throws if it does not give a good one. */
export const askRunner = (runnerUrl: string, path: string): Promise<string> =>
  exchange(runnerUrl, path, 'GET');

/** Has the runner change something, for whoever has `token`, if one is needed. Throws if it does not. */
export async function tellRunner(
  runnerUrl: string,
  path: string,
  body: object,
  token?: string,
): Promise<void> {
  await exchange(runnerUrl, path, 'POST', { body: JSON.stringify(body), token });
}

type Change = { readonly body: string; readonly token: string | undefined };

/** The lines of a long answer, as they come. Throws as above. */
export async function* readRunnerLines(runnerUrl: string, path: string): AsyncGenerator<string> {
  const signal = AbortSignal.timeout(longAnswerMillisecondsMax);
  const response = await send(runnerUrl, path, 'GET', signal);
  if (response.statusCode === 200) yield* createInterface({ input: response });
  else throw new RunnerRefused(response.statusCode ?? 0);
}

async function exchange(
  runnerUrl: string,
  path: string,
  method: 'GET' | 'POST',
  change?: Change,
): Promise<string> {
  const signal = AbortSignal.timeout(answerMillisecondsMax);
  const response = await send(runnerUrl, path, method, signal, change);
  const answer = await text(response);
  if (response.statusCode === 200) return answer;
  throw new RunnerRefused(response.statusCode ?? 0, answer);
}

async function send(
  runnerUrl: string,
  path: string,
  method: 'GET' | 'POST',
  signal: AbortSignal,
  change?: Change,
): Promise<IncomingMessage> {
  const { protocol, hostname, port, pathname } = new URL(runnerUrl);
  const asked = request({
    ...(protocol === 'unix:'
      ? { socketPath: decodeURIComponent(pathname) }
      : { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) }),
    method,
    path,
    signal,
    ...(change?.token === undefined
      ? {}
      : { headers: { authorization: `Bearer ${change.token}` } }),
    // Asked every few seconds at most: no connection is kept for that.
    agent: false,
  });
  asked.end(change?.body);
  const [response]: IncomingMessage[] = await once(asked, 'response');
  if (response === undefined) throw new Error('the runner did not answer');
  return response;
}
