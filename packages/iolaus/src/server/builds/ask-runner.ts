import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

// The page waits for it; a runner that is busier than this has other things to do.
const answerMillisecondsMax = 1000;

/** The runner's answer to a GET, at `http://host:port` or `unix:///path`. Throws if it does not give a good one. */
export const askRunner = (runnerUrl: string, path: string): Promise<string> =>
  exchange(runnerUrl, path, 'GET');

/** Has the runner change something. Throws if it does not. */
export async function tellRunner(runnerUrl: string, path: string, body: object): Promise<void> {
  await exchange(runnerUrl, path, 'POST', JSON.stringify(body));
}

async function exchange(
  runnerUrl: string,
  path: string,
  method: 'GET' | 'POST',
  body?: string,
): Promise<string> {
  const { protocol, hostname, port, pathname } = new URL(runnerUrl);
  const signal = AbortSignal.timeout(answerMillisecondsMax);
  const asked = request({
    ...(protocol === 'unix:'
      ? { socketPath: decodeURIComponent(pathname) }
      : { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) }),
    ...{ method, path, signal },
    // Asked every few seconds at most: no connection is kept for that.
    agent: false,
  });
  asked.end(body);
  const [response]: IncomingMessage[] = await once(asked, 'response');
  if (response === undefined) throw new Error('the runner did not answer');
  const answer = await text(response);
  if (response.statusCode === 200) return answer;
  throw new Error(`the runner answered with status ${response.statusCode}`);
}
