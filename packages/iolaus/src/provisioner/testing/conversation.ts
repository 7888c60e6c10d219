import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { boundAddress, listen, localEndpoint, parseBind } from '../../protocol/bind.ts';

const exchangeSchema = z.object({
  request: z.object({ method: z.string(), path: z.string(), body: z.string() }),
  response: z.object({ status: z.number(), contentType: z.string(), body: z.string() }),
});

type Exchange = z.infer<typeof exchangeSchema>;

export type Conversation = AsyncDisposable & { readonly url: string };

/**
 * A provider that says what it said when the conversation was recorded, and nothing to other questions. With `upstream`,
 * the address of a real one or of an emulator, the conversation is led with that and recorded anew. Its end is a failure
 * where a question was another one, or was not asked.
 */
export async function openConversation(file: URL, upstream?: string): Promise<Conversation> {
  const recorded =
    upstream === undefined
      ? z.array(exchangeSchema).parse(JSON.parse(await readFile(file, 'utf8')))
      : [];
  const led: Exchange[] = [];
  const offences: unknown[] = [];
  const answer = async (request: Exchange['request'], headers: Headers) => {
    if (upstream !== undefined) return ask(upstream, request, headers);
    const next = recorded[led.length];
    if (isEqual(next?.request, request) && next !== undefined) return next.response;
    offences.push({ asked: request, recorded: next?.request });
    return { status: 500, contentType: 'text/plain', body: 'that was not asked' };
  };
  const server = createServer((incoming, outgoing) => {
    const reply = async (): Promise<void> => {
      const request = await read(incoming);
      const response = await answer(request, headersOf(incoming));
      led.push({ request, response });
      outgoing.writeHead(response.status, { 'content-type': response.contentType });
      outgoing.end(response.body);
    };
    reply().catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  await listen(server, parseBind('127.0.0.1:0'));
  return {
    url: localEndpoint(boundAddress(server)),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      if (upstream !== undefined) await writeFile(file, `${JSON.stringify(led, null, 1)}\n`);
      assert.deepEqual(offences, []);
      if (upstream === undefined) assert.equal(led.length, recorded.length, 'it was cut short');
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Exchange['request']> {
  const { method = '', url: path = '' } = incoming;
  return { method, path, body: await text(incoming) };
}

/** Without what belongs to the connection. */
function headersOf({ headers }: IncomingMessage): Headers {
  const kept = Object.entries(headers).filter(
    ([name]) => !['host', 'connection', 'content-length', 'transfer-encoding'].includes(name),
  );
  return new Headers(kept.map(([name, value]) => [name, String(value)]));
}

async function ask(
  upstream: string,
  { method, path, body }: Exchange['request'],
  headers: Headers,
): Promise<Exchange['response']> {
  const sent = body === '' ? {} : { body };
  const answer = await fetch(upstream + path, { method, headers, ...sent });
  const contentType = answer.headers.get('content-type') ?? 'text/plain';
  return { status: answer.status, contentType, body: await answer.text() };
}

const isEqual = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
