import { getJson } from '../api/request.ts';
import type { LogLines } from '../api/v2.ts';

/** The lines of a log as the server has them, coloured and safe. */
export type StoredLines = {
  /** From a line on; fewer than wanted at the end of the log. Throws `RequestFailure`. */
  read(from: number, count: number): Promise<readonly string[]>;
  /** The log was begun anew. */
  forget(): void;
};

// What the server gives at once.
const chunkLines = 500;
// Some screens in both directions, and where somebody was before: a few megabytes.
const chunksMax = 40;

/** Reads lines of the log at `address` (`…/log`), in chunks of which the last ones used are kept. */
export function createStoredLines(address: string, signal: AbortSignal): StoredLines {
  const chunks = new Map<number, Promise<readonly string[]>>();

  const readChunk = async (number: number): Promise<readonly string[]> => {
    const lines: string[] = [];
    while (lines.length < chunkLines) {
      const query = new URLSearchParams({
        form: 'html',
        from: String(number * chunkLines + lines.length + 1),
        limit: String(chunkLines - lines.length),
      });
      const answer = await getJson<LogLines>(`${address}/lines?${query.toString()}`, signal);
      if (answer.lines.length === 0) break;
      lines.push(...answer.lines);
    }
    // It may grow yet.
    if (lines.length < chunkLines) chunks.delete(number);
    return lines;
  };

  const chunkAt = (number: number): Promise<readonly string[]> => {
    const chunk = chunks.get(number) ?? readChunk(number);
    chunks.delete(number);
    chunks.set(number, chunk);
    chunk.catch(() => chunks.delete(number));
    const [oldest] = chunks.keys();
    if (chunks.size > chunksMax && oldest !== undefined) chunks.delete(oldest);
    return chunk;
  };

  return {
    async read(from, count) {
      const first = Math.floor((from - 1) / chunkLines);
      const last = Math.floor((from + count - 2) / chunkLines);
      const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const lines = (await Promise.all(numbers.map(chunkAt))).flat();
      const start = from - 1 - first * chunkLines;
      return lines.slice(start, start + count);
    },
    forget: () => chunks.clear(),
  };
}
