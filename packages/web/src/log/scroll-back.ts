import type { AddedLines } from './log-text.ts';

/** The lines of a log on the page. */
export type ScrollBack = {
  add(added: AddedLines): void;
  clear(): void;
  /** The element of a line, counted from 1; undefined if it has not come, or has gone. */
  line(number: number): HTMLElement | undefined;
  /** Lines that made way for later ones. */
  readonly leftOut: number;
};

// The browser lays out only the chunks in sight; a few screens each keeps both them and their number small.
const chunkLines = 200;
// Two hundred thousand lines are some hundred megabytes of page; the raw log has the rest.
const chunksMax = 1000;

/** Shows lines in `container`, whose only content they are. */
export function createScrollBack(container: HTMLElement): ScrollBack {
  let count = 0;
  let chunksGone = 0;
  const open = document.createElement('div');
  open.className = 'line';

  const lastChunk = (): Element => {
    const last = container.lastElementChild;
    return last === null || last.childElementCount >= chunkLines ? addChunk() : last;
  };
  const addChunk = (): Element => {
    const chunk = document.createElement('div');
    chunk.className = 'chunk';
    container.append(chunk);
    if (container.childElementCount > chunksMax) {
      container.firstElementChild?.remove();
      chunksGone += 1;
    }
    return chunk;
  };
  const addLines = (lines: readonly string[]) => {
    for (let start = 0; start < lines.length;) {
      const chunk = lastChunk();
      const some = lines.slice(start, start + chunkLines - chunk.childElementCount);
      chunk.insertAdjacentHTML(
        'beforeend',
        some.map((html, index) => lineHtml(html, count + index + 1)).join(''),
      );
      start += some.length;
      count += some.length;
    }
  };

  return {
    add(added) {
      open.remove();
      addLines(added.lines);
      if (added.open === '') return;
      open.innerHTML = added.open;
      open.dataset['number'] = String(count + 1);
      lastChunk().append(open);
    },
    clear() {
      container.replaceChildren();
      count = 0;
      chunksGone = 0;
    },
    line(number) {
      const chunk = container.children[Math.floor((number - 1) / chunkLines) - chunksGone];
      const line = chunk?.children[(number - 1) % chunkLines];
      return line instanceof HTMLElement ? line : undefined;
    },
    get leftOut() {
      return chunksGone * chunkLines;
    },
  };
}

// A line without a character has no height of its own to be seen, clicked or copied by.
const lineHtml = (html: string, number: number): string =>
  `<div class="line" data-number="${number}">${html === '' ? '\n' : html}</div>`;
