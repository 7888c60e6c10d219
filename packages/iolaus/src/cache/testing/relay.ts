import { request as ask } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { Answer, Answerer } from './faulty-server.ts';

/** Of one connection, not of what is said over it; the length is known here. */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

/** Hands requests on to a real server, whose host they keep: it is part of their signatures. */
export const relayTo =
  (endpoint: URL): Answerer =>
  async ({ method, url, headers }, _seen, body) => {
    const { hostname, port } = endpoint;
    const asking = ask({
      hostname,
      port,
      method,
      path: url,
      headers: { ...withoutConnection(headers), 'content-length': body.length },
    });
    // Who answers before all is read may close what the rest would come by; before the answer it is thrown below.
    asking.on('error', () => {});
    asking.end(body);
    const [answer]: IncomingMessage[] = await once(asking, 'response');
    if (answer === undefined) throw new Error(`${endpoint.href} did not answer`);
    return receive(answer);
  };

async function receive(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  // Of what was only asked about, the length is that of the object.
  const length = answer.headers['content-length'] ?? String(body.length);
  return {
    status: answer.statusCode ?? 0,
    headers: { ...withoutConnection(answer.headers), 'content-length': length },
    body,
  };
}

const withoutConnection = (headers: IncomingMessage['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.has(name)));
