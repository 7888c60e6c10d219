/** What is shorter goes in one piece: it can be sent again, and its length is known from the start. */
export const smallBytesMax = 1024 * 1024;

/** All of a stream that is known to be short. */
export async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const gathered: Uint8Array[] = [];
  for await (const chunk of chunks) gathered.push(chunk);
  return Buffer.concat(gathered);
}
