import { followLog } from '../api/log-source.ts';
import { getJson, RequestFailure } from '../api/request.ts';
import type { LogOutline } from '../api/v2.ts';
import { bodiesOf, foldLines } from './folding.ts';
import { followEnd } from './follow-end.ts';
import { createLiveTail } from './live-tail.ts';
import { createLogText } from './log-text.ts';
import type { AddedLines } from './log-text.ts';
import type { LogState, Phase } from './log-state.ts';
import { headingIn, rowsOf, runsOfRows } from './log-rows.ts';
import { RowWindow } from './row-window.ts';
import type { LogRow, Place } from './row-window.ts';
import { createStoredLines } from './stored-lines.ts';

type Options = {
  readonly box: HTMLElement;
  /** Of the log, below the API. */
  readonly address: string;
  readonly log: LogState;
  /** Told whenever other lines are shown than before. */
  readonly onChange: () => void;
  readonly signal: AbortSignal;
};

const emptyOutline = { lines: 0, offset: 0, style: '', phases: [] };

/** A log in a box that scrolls: of however many lines, those are fetched and shown that one looks at. */
export class ShownLog {
  readonly #address: string;
  readonly #log: LogState;
  readonly #box: HTMLElement;
  readonly #signal: AbortSignal;
  readonly #stored;
  readonly #window: RowWindow;
  readonly #keepToEnd: () => void;
  readonly #onChange: () => void;
  #folding = foldLines([]);
  /** Whole lines; nobody knows how many until the server has said it. */
  #lines = Infinity;
  #tail = createLiveTail(1);
  #text = createLogText();
  #marked: number | undefined;

  constructor({ box, address, log, onChange, signal }: Options) {
    this.#address = address;
    this.#log = log;
    this.#box = box;
    this.#signal = signal;
    this.#onChange = onChange;
    this.#stored = createStoredLines(address, signal);
    const read = (row: number, count: number): Promise<readonly LogRow[]> =>
      this.#readRows(row, count);
    this.#window = new RowWindow(box, read, () => this.#noteChange(), signal);
    this.#keepToEnd = followEnd(box, log.following, () => this.#window.hasEnd, signal);
    signal.addEventListener(
      'abort',
      log.following.subscribe((following) => void (following && this.#toEnd())),
    );
  }

  /** Reads a log that is over, and shows its beginning or a line of it. */
  async read(line: number | undefined): Promise<void> {
    try {
      const outline = this.#readOutline();
      await (line === undefined ? this.#window.show(0, 0) : this.toLine(line));
      this.#takeOutline(await outline);
      if (this.#log.following.value || (line !== undefined && line > this.#lines))
        await this.#toEnd();
      this.#log.state.value = 'ended';
    } catch (error) {
      this.#tellProblem(error);
    }
  }

  /** Follows a log that grows. */
  async follow(line: number | undefined): Promise<void> {
    const outline = await this.#readOutline().catch(() => emptyOutline);
    if (this.#signal.aborted) return;
    this.#takeOutline(outline);
    this.#beginAt(outline);
    if (line !== undefined && line <= this.#lines) await this.toLine(line);
    else if (outline.lines > 0) await this.#toEnd();
    this.#signal.addEventListener('abort', this.#listen(outline.offset));
  }

  /** Marks a line and no other. */
  mark(line: number): void {
    this.#marked = line;
    this.#noteChange();
  }

  /** Shows a line in the middle, marked. */
  async toLine(line: number): Promise<void> {
    this.#log.following.value = false;
    this.#marked = line;
    const phase = this.#log.phases.value.findLast((one) => one.line < line);
    if (phase !== undefined && this.#log.folded.value.has(phase.line))
      this.#fold(phase.line, false);
    await this.#show(line, 'middle');
  }

  /** Folds the lines of a phase away, or shows them again. */
  async toggle(heading: number): Promise<void> {
    this.#fold(heading, !this.#log.folded.value.has(heading));
    const top = (this.#window.find(heading)?.offsetTop ?? 0) - this.#box.scrollTop;
    await this.#show(heading, top);
  }

  /** Folds all phases, so that only their headings are seen, or none. */
  async toggleAll(): Promise<void> {
    const { phases, folded } = this.#log;
    folded.value = new Set(folded.value.size > 0 ? [] : phases.value.map(({ line }) => line));
    this.#foldAnew();
    await this.#show(1, 0);
  }

  #fold(heading: number, away: boolean): void {
    const folded = new Set(this.#log.folded.value);
    if (away) folded.add(heading);
    else folded.delete(heading);
    this.#log.folded.value = folded;
    this.#foldAnew();
  }

  #foldAnew(): void {
    const { phases, folded } = this.#log;
    const bodies = bodiesOf(phases.value);
    this.#folding = foldLines(
      bodies.filter(({ first, last }) => folded.value.has(first - 1) && last >= first),
    );
  }

  #show(line: number, place: Place): Promise<void> {
    const total = this.#lines === Infinity ? 0 : this.#folding.rowCount(this.#lines);
    return this.#window.show(this.#folding.rowOf(line), place, total);
  }

  async #toEnd(): Promise<void> {
    if (this.#lines === Infinity) return;
    if (!this.#window.hasEnd || this.#window.total === 0)
      await this.#window.show(this.#folding.rowOf(this.#lines), 0).catch(() => {});
    this.#keepToEnd();
  }

  #readOutline(): Promise<LogOutline> {
    return getJson<LogOutline>(`${this.#address}/outline`, this.#signal);
  }

  #takeOutline({ lines, phases }: Pick<LogOutline, 'lines' | 'phases'>): void {
    this.#setPhases(phases);
    this.#lines = lines;
    this.#log.isEmpty.value = lines === 0;
    this.#window.total = this.#folding.rowCount(lines);
  }

  #setPhases(phases: readonly Phase[]): void {
    this.#log.phases.value = phases;
    this.#foldAnew();
  }

  async #readRows(row: number, count: number): Promise<readonly LogRow[]> {
    const runs = runsOfRows(this.#folding, row, count, this.#lines);
    const rows = runs.map(async ({ from, count: wanted }) => {
      const lines = this.#tail.read(from, wanted) ?? (await this.#stored.read(from, wanted));
      return rowsOf(from, lines, this.#log.folded.value);
    });
    return (await Promise.all(rows)).flat();
  }

  /** What comes now follows a log of which so much is there. */
  #beginAt({ lines, style }: Pick<LogOutline, 'lines' | 'style'>): void {
    this.#tail = createLiveTail(lines + 1);
    this.#text = createLogText(style);
  }

  /** Takes what comes until the returned function is called. */
  #listen(offset: number): () => void {
    const { state } = this.#log;
    return followLog(this.#address, offset, {
      text: (piece) => {
        if (state.value === 'interrupted') state.value = 'live';
        this.#add(this.#text.add(piece));
      },
      reset: () => {
        this.#stored.forget();
        this.#window.clear();
        this.#takeOutline(emptyOutline);
        this.#beginAt(emptyOutline);
      },
      end: () => {
        this.#add(this.#text.end());
        state.value = 'ended';
      },
      interrupted: () => {
        state.value = 'interrupted';
      },
    });
  }

  #add({ lines, open }: AddedLines): void {
    const first = this.#tail.next;
    const isShown = this.#window.hasEnd;
    this.#tail.push(lines);
    this.#lines = this.#tail.next - 1;
    this.#notePhases(first, lines);
    const rows = rowsOf(first, lines, this.#log.folded.value).filter(({ line }) =>
      this.#isSeen(line),
    );
    if (isShown) this.#window.append(rows);
    else this.#window.total = this.#folding.rowCount(this.#lines);
    this.#window.showOpen(open, this.#tail.next);
    this.#log.isEmpty.value = this.#lines === 0 && open === '';
    if (this.#log.following.value) this.#keepToEnd();
  }

  #notePhases(first: number, lines: readonly string[]): void {
    const phases = lines.flatMap((html, index) => {
      const name = headingIn(html);
      return name === undefined ? [] : { name, line: first + index };
    });
    if (phases.length > 0) this.#setPhases([...this.#log.phases.value, ...phases]);
  }

  #isSeen(line: number): boolean {
    return this.#folding.lineAt(this.#folding.rowOf(line)) === line;
  }

  #noteChange(): void {
    if (this.#marked !== undefined) {
      this.#box.querySelector('.line.marked')?.classList.remove('marked');
      this.#window.find(this.#marked)?.classList.add('marked');
    }
    this.#onChange();
  }

  #tellProblem(error: unknown): void {
    if (!(error instanceof RequestFailure)) return;
    this.#log.state.value = 'missing';
    this.#log.problem.value = error.message;
  }
}
