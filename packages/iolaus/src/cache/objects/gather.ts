import { atMost } from '../at-most.ts';
import type { Chunks } from '../compression/through.ts';

/** What is shorter goes in one piece: it can be sent again, and its length is known from the start. */
export const smallBytesMax = 1024 * 1024;

/** All of a stream that is known to be short. */
export async function gather(chunks: Chunks): Promise<Buffer> {
  const gathered: Uint8Array[] = [];
  for await (const chunk of chunks) gathered.push(chunk);
  return Buffer.concat(gathered);
}

/** As many as there are threads to compress them; each takes some megabytes while it is being compressed. */
const inTurnAtOnce = 4;
const turns = atMost(inTurnAtOnce);

/** The same, some at a time in this process, however many ask for it. */
export const gatherInTurn = (chunks: Chunks): Promise<Buffer> => turns(() => gather(chunks));
