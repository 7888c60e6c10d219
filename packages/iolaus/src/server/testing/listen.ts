import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';

export type ReceivedEvent<Data> = {
  readonly event: string;
  readonly id: string;
  readonly data: Data;
};

/** A listener to server-sent events, over a socket of its own. */
export type Listening<Data> = {
  readonly response: IncomingMessage;
  /** The next event; undefined when the stream has ended. */
  next(): Promise<ReceivedEvent<Data> | undefined>;
  leave(): void;
};

export async function listen<Data>(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Listening<Data>> {
  const asked = request(new URL(path, url), { agent: false, headers });
  asked.end();
  const [response]: IncomingMessage[] = await once(asked, 'response');
  if (response === undefined) throw new Error('there is no answer');
  response.on('error', () => {});
  const events = readEvents<Data>(response);
  return {
    response,
    async next() {
      const { value } = await events.next();
      return value ?? undefined;
    },
    leave() {
      asked.destroy();
    },
  };
}

async function* readEvents<Data>(
  response: IncomingMessage,
): AsyncGenerator<ReceivedEvent<Data>, void, void> {
  let fields = new Map<string, string>();
  for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
    const [name = '', value = ''] = line.split(/: (.*)/s, 2);
    if (line !== '') fields.set(name, value);
    if (line !== '' || fields.size === 0) continue;
    const event = fields.get('event');
    if (event !== undefined) {
      const data: Data = JSON.parse(fields.get('data') ?? 'null');
      yield { event, id: fields.get('id') ?? '', data };
    }
    fields = new Map();
  }
}
