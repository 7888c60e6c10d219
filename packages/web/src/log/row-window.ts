import { lineHtml } from './line-html.ts';

/** A row of a log: its line, and what is seen of it. */
export type LogRow = {
  readonly line: number;
  readonly html: string;
  /** It is the heading of a phase, whose lines are seen or not. */
  readonly heading?: 'open' | 'folded';
};

/** Gives rows of the log from one on, fewer at its end. */
export type ReadRows = (row: number, count: number) => Promise<readonly LogRow[]>;

/** Where a row is to be: so many pixels below the upper edge of the box, or in its middle. */
export type Place = number | 'middle';

type Chunk = { readonly element: HTMLElement; rows: number };

const chunkRows = 100;
// A few thousand lines: more than any screen has, and little to lay out.
const chunksMax = 30;
// So near to the edge of what is shown the next rows are fetched.
const marginPixels = 1_500;
const rowPixels = 19;
// Browsers lay out nothing that is higher than some thirty million pixels: of a longer log each row counts for less.
const spacerPixelsMax = 4_000_000;

/** The rows of a log around the place that is looked at, in a box that scrolls; two spacers stand for all others. */
export class RowWindow {
  readonly #box: HTMLElement;
  readonly #read: ReadRows;
  readonly #onChange: () => void;
  readonly #before = makeElement('spacer');
  readonly #after = makeElement('spacer');
  readonly #open = makeElement('line');
  #chunks: Chunk[] = [];
  #first = 0;
  #total = 0;
  /** Grows when what is being fetched will be of no use. */
  #generation = 0;
  #isFetching = false;

  /** `onChange` is told whenever other rows are shown than before. */
  constructor(box: HTMLElement, read: ReadRows, onChange: () => void, signal: AbortSignal) {
    this.#box = box;
    this.#read = read;
    this.#onChange = onChange;
    box.replaceChildren(this.#before, this.#after);
    box.addEventListener('scroll', () => void this.#fill(), { signal });
    const resized = new ResizeObserver(() => void this.#fill());
    resized.observe(box);
    signal.addEventListener('abort', () => {
      resized.disconnect();
      this.#generation += 1;
    });
  }

  /** Rows in all, shown or not. */
  get total(): number {
    return this.#total;
  }

  set total(rows: number) {
    this.#keepingPlace(() => {
      this.#total = rows;
    });
    void this.#fill();
  }

  /** Whether the last row of all is shown: what comes next goes behind it. */
  get hasEnd(): boolean {
    return this.#end >= this.#total;
  }

  /** Shows a row, and those around it; of `total` rows, if these have become others. */
  async show(row: number, place: Place, total = this.#total): Promise<void> {
    const generation = (this.#generation += 1);
    const first = Math.max(0, Math.floor(row / chunkRows) - 1) * chunkRows;
    const rows = await this.#read(first, 3 * chunkRows);
    if (generation !== this.#generation) return;
    this.#chunks.forEach(({ element }) => element.remove());
    this.#chunks = [];
    this.#first = first;
    this.#isFetching = false;
    for (let start = 0; start < rows.length; start += chunkRows)
      this.#addChunk(rows.slice(start, start + chunkRows), this.#after);
    this.#total = Math.max(total, this.#end);
    this.#layOut();
    this.#scrollTo(row, place);
    this.#onChange();
    void this.#fill();
  }

  /** Rows that came behind the last one, which is shown. */
  append(rows: readonly LogRow[]): void {
    this.#keepingPlace(() => {
      const last = this.#chunks.at(-1);
      const room = last === undefined ? 0 : Math.max(chunkRows - last.rows, 0);
      const some = rows.slice(0, room);
      last?.element.insertAdjacentHTML('beforeend', some.map(lineHtml).join(''));
      if (last !== undefined) last.rows += some.length;
      for (let start = room; start < rows.length; start += chunkRows)
        this.#addChunk(rows.slice(start, start + chunkRows), this.#after);
      this.#total = Math.max(this.#total, this.#end);
      while (this.#chunks.length > chunksMax) this.#dropFirst();
    });
  }

  /** The beginning of a line that has not ended; the empty text: there is none. */
  showOpen(html: string, line: number): void {
    this.#open.remove();
    if (html === '' || !this.hasEnd) return;
    this.#open.innerHTML = html;
    this.#open.dataset['number'] = String(line);
    this.#after.before(this.#open);
  }

  /** The element of a line, if it is shown. */
  find(line: number): HTMLElement | undefined {
    return (
      this.#box.querySelector<HTMLElement>(`.chunk > .line[data-number="${line}"]`) ?? undefined
    );
  }

  clear(): void {
    this.#generation += 1;
    this.#isFetching = false;
    this.#chunks.forEach(({ element }) => element.remove());
    this.#open.remove();
    [this.#chunks, this.#first, this.#total] = [[], 0, 0];
    this.#layOut();
  }

  get #end(): number {
    return this.#chunks.reduce((sum, { rows }) => sum + rows, this.#first);
  }

  /** Fetches what is missing where one looks. */
  async #fill(): Promise<void> {
    if (this.#isFetching || this.#total === 0) return;
    const { scrollTop, clientHeight } = this.#box;
    const shownTop = this.#before.offsetHeight;
    const shownEnd = this.#after.offsetTop;
    if (scrollTop + clientHeight < shownTop) return this.#jump(scrollTop / this.#spacerRow);
    if (scrollTop > shownEnd)
      return this.#jump(this.#end + (scrollTop - shownEnd) / this.#spacerRow);
    if (this.#first > 0 && scrollTop - shownTop < marginPixels) return this.#extend('before');
    if (!this.hasEnd && shownEnd - scrollTop - clientHeight < marginPixels)
      return this.#extend('after');
  }

  /** Where nothing is shown; what cannot be had is asked for again at the next move. */
  async #jump(row: number): Promise<void> {
    await this.show(row, 0).catch(() => {});
  }

  async #extend(side: 'before' | 'after'): Promise<void> {
    this.#isFetching = true;
    const generation = this.#generation;
    const start = side === 'before' ? Math.max(0, this.#first - chunkRows) : this.#end;
    const count = side === 'before' ? this.#first - start : chunkRows;
    const rows = await this.#read(start, count).catch(() => []);
    if (generation !== this.#generation) return;
    this.#isFetching = false;
    if (rows.length === 0) return;
    if (side === 'before') this.#prepend(rows);
    else this.append(rows);
    void this.#fill();
  }

  #prepend(rows: readonly LogRow[]): void {
    this.#keepingPlace(() => {
      this.#addChunk(rows, this.#chunks[0]?.element ?? this.#after);
      this.#first -= rows.length;
      while (this.#chunks.length > chunksMax) this.#chunks.pop()?.element.remove();
    });
  }

  /** What one looks at stays where it is, whatever comes and goes above it. */
  #keepingPlace(change: () => void): void {
    const anchor = this.#chunks[Math.floor(this.#chunks.length / 2)]?.element;
    const top = anchor?.offsetTop ?? 0;
    change();
    this.#layOut();
    if (anchor?.isConnected === true && anchor.offsetTop !== top)
      this.#box.scrollTop += anchor.offsetTop - top;
    this.#onChange();
  }

  #addChunk(rows: readonly LogRow[], next: HTMLElement): void {
    const element = makeElement('chunk');
    element.innerHTML = rows.map(lineHtml).join('');
    next.before(element);
    const chunk = { element, rows: rows.length };
    if (next === this.#after) this.#chunks.push(chunk);
    else this.#chunks.unshift(chunk);
  }

  #dropFirst(): void {
    const chunk = this.#chunks.shift();
    chunk?.element.remove();
    this.#first += chunk?.rows ?? 0;
  }

  #layOut(): void {
    this.#before.style.height = `${this.#first * this.#spacerRow}px`;
    this.#after.style.height = `${Math.max(this.#total - this.#end, 0) * this.#spacerRow}px`;
  }

  /** What a row that is not shown counts for, in pixels. */
  get #spacerRow(): number {
    return Math.min(rowPixels, spacerPixelsMax / Math.max(this.#total, 1));
  }

  #scrollTo(row: number, place: Place): void {
    const inChunks = Math.floor(row) - this.#first;
    const lines = this.#box.querySelectorAll<HTMLElement>('.chunk > .line');
    const line = lines[Math.min(inChunks, lines.length - 1)];
    if (line === undefined) return;
    const top = place === 'middle' ? this.#box.clientHeight / 2 : place;
    this.#box.scrollTop = line.offsetTop - top;
  }
}

function makeElement(name: string): HTMLElement {
  const element = document.createElement('div');
  element.className = name;
  return element;
}
