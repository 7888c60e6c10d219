import type { Folding } from './folding.ts';
import { readHeading } from './phase-heading.ts';
import type { LogRow } from './row-window.ts';

/** Consecutive lines. */
type Run = { readonly from: number; count: number };

/** Lines that rows stand for, in as few runs as there can be; `lines`: how many there are. */
export function runsOfRows(folding: Folding, row: number, count: number, lines: number): Run[] {
  const runs: Run[] = [];
  for (let next = Math.floor(row); next < row + count; next += 1) {
    const line = folding.lineAt(next);
    if (line > lines) break;
    const last = runs.at(-1);
    if (last !== undefined && last.from + last.count === line) last.count += 1;
    else runs.push({ from: line, count: 1 });
  }
  return runs;
}

/** Rows for lines from one on. */
export const rowsOf = (
  from: number,
  lines: readonly string[],
  folded: ReadonlySet<number>,
): LogRow[] =>
  lines.map((html, index) => {
    const line = from + index;
    if (headingIn(html) === undefined) return { line, html };
    return { line, html, heading: folded.has(line) ? 'folded' : 'open' };
  });

/** The phase that begins with a line, which comes as HTML. */
export const headingIn = (html: string): string | undefined =>
  readHeading(html.startsWith('<') ? html.replaceAll(/<[^>]*>/g, '') : html);
