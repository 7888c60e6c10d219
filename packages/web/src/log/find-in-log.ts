import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { getJson } from '../api/request.ts';
import type { FoundLines } from '../api/v2.ts';

/** What somebody looks for in a log, and the lines that have it, as far as they are known. */
export type Search = {
  readonly text: string;
  readonly lines: readonly number[];
  /** Where to look further; null: those are all. */
  readonly next: number | null;
  /** Which of the lines is looked at. */
  readonly at: number;
};

export type LogSearch = {
  readonly search: Signal<Search | undefined>;
  /** Looks for another text, and shows the first line that has it. */
  start(text: string): Promise<void>;
  /** Shows the next line that has it, or the one before. */
  step(by: 1 | -1): Promise<void>;
};

// What the server gives at once.
const linesAtOnce = '500';

/** Searches the log at `address`; `show` brings a line into sight. */
export function createLogSearch(address: string, show: (line: number) => void): LogSearch {
  const search = signal<Search | undefined>(undefined);
  let stop = new AbortController();

  const ask = async (text: string, from: number): Promise<FoundLines> => {
    for (let next = from; ;) {
      const query = new URLSearchParams({ text, from: String(next), limit: linesAtOnce });
      const found = await getJson<FoundLines>(`${address}/search?${query.toString()}`, stop.signal);
      // A part of a very long log without it says nothing yet.
      if (found.lines.length > 0 || found.next === null) return found;
      next = found.next;
    }
  };
  const lookAt = (found: Search): void => {
    search.value = found;
    const line = found.lines[found.at];
    if (line !== undefined) show(line);
  };

  return {
    search,
    async start(text) {
      stop.abort();
      stop = new AbortController();
      search.value = undefined;
      if (text === '') return;
      lookAt({ text, ...(await ask(text, 1)), at: 0 });
    },
    async step(by) {
      const found = search.value;
      if (found === undefined) return;
      const at = found.at + by;
      if (at >= found.lines.length && found.next !== null) {
        const more = await ask(found.text, found.next);
        const lines = [...found.lines, ...more.lines];
        lookAt({ ...found, lines, next: more.next, at: Math.min(at, lines.length - 1) });
      } else if (found.lines.length > 0)
        lookAt({ ...found, at: (at + found.lines.length) % found.lines.length });
    },
  };
}
