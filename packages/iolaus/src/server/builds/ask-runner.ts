import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

// The page waits for it; a runner that is busier than this has other things to do.
const answerMillisecondsMax = 1000;

/** The runner's answer to a GET, at `http://host:port` or `unix:///path`. Throws if it does not give a good one. */
export async function askRunner(runnerUrl: string, path: string): Promise<string> {
  const { protocol, hostname, port, pathname } = new URL(runnerUrl);
  const signal = AbortSignal.timeout(answerMillisecondsMax);
  const request = get({
    ...(protocol === 'unix:'
      ? { socketPath: decodeURIComponent(pathname) }
      : { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) }),
    ...{ path, signal },
    // Asked every few seconds at most: no connection is kept for that.
    agent: false,
  });
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('the runner did not answer');
  const body = await text(response);
  if (response.statusCode === 200) return body;
  throw new Error(`the runner answered with status ${response.statusCode}`);
}
