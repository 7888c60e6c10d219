/** An event of a server: its data is a JSON text, or null. */
export type ServerEvent = { readonly event: string; readonly data: string };

/** Takes a stream of server-sent events apart; comments and events without a name are left out. */
export async function* readEvents(pieces: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let rest = '';
  for await (const piece of pieces) {
    const blocks = (rest + piece).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data: unknown = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null');
      if (event !== undefined) yield { event, data: typeof data === 'string' ? data : '' };
    }
  }
}
