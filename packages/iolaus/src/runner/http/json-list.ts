// As much as a socket takes at once: a list of 300,000 steps is never in memory as text.
const chunkCharactersMin = 65_536;

/**
 * The text of `{"<name>":[…],"<countName>":n}` in pieces, so that a long list neither fills the memory nor holds up the
 * process: whoever reads may do something else between two pieces.
 */
export async function* printList(
  name: string,
  countName: string,
  items: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<string> {
  let chunk = `{${JSON.stringify(name)}:[`;
  let count = 0;
  for await (const item of items) {
    chunk += (count === 0 ? '' : ',') + JSON.stringify(item);
    count += 1;
    if (chunk.length < chunkCharactersMin) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}],${JSON.stringify(countName)}:${count}}`;
}

/** One a line, in pieces like those of a list. */
export async function* printLines(items: Iterable<unknown>): AsyncGenerator<string> {
  let chunk = '';
  for (const item of items) {
    chunk += `${JSON.stringify(item)}\n`;
    if (chunk.length < chunkCharactersMin) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
