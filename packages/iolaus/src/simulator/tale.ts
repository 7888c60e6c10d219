import type { Agenda } from './agenda.ts';

/** What happened, to be read, to be compared, and to be counted. */
export class Tale {
  readonly #agenda: Agenda;
  readonly #lines: string[] = [];
  readonly counts = new Map<string, number>();
  #hash = 0x811c9dc5;

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The same for the same history, and for hardly any other. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  tell(who: string, what: string): void {
    const line = `${clockTime(this.#agenda.now)}  ${who.padEnd(10)} ${what}`;
    this.#lines.push(line);
    for (let index = 0; index < line.length; index += 1) {
      this.#hash = Math.imul(this.#hash ^ line.charCodeAt(index), 0x01000193);
    }
  }

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }
}

/** Minutes, seconds and milliseconds since the beginning. */
function clockTime(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = ((milliseconds % 60_000) / 1_000).toFixed(3);
  return `${String(minutes).padStart(3)}:${seconds.padStart(6, '0')}`;
}
