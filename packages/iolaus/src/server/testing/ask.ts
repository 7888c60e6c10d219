import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
};

/** Asks for a path exactly as it is given: `fetch` would tidy it up first. */
export async function ask(
  url: string,
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const { body: sent, ...head } = options;
  const asked = request({ hostname, port, path, agent: false, ...head });
  asked.end(sent);
  const [response] = await once(asked, 'response');
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  const body = Buffer.concat(pieces);
  return { status: response.statusCode, headers: response.headers, body, text: body.toString() };
}

/** Asks for JSON that is expected to be there. */
export async function askJson<T>(url: string, path: string): Promise<T> {
  const answer = await ask(url, path);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  const body: T = JSON.parse(answer.text);
  return body;
}
