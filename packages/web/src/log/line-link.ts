import type { ScrollBack } from './scroll-back.ts';

/** The line that the address asks for (`#L12`). */
export function readLineLink(): number | undefined {
  const [, digits] = /^#L(\d{1,9})$/.exec(location.hash) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Brings a line into sight and marks it, and no other. False if it is not there. */
export function markLine(
  lines: ScrollBack,
  number: number,
  block: ScrollLogicalPosition = 'nearest',
): boolean {
  const line = lines.line(number);
  if (line === undefined) return false;
  for (const marked of line.closest('.log')?.querySelectorAll('.line.marked') ?? []) {
    marked.classList.remove('marked');
  }
  line.classList.add('marked');
  line.scrollIntoView({ block });
  return true;
}

/** Makes the line whose number was clicked the one that the address asks for. */
export function linkClickedLine(event: MouseEvent, lines: ScrollBack): void {
  const line = event.target;
  if (!(line instanceof HTMLElement) || !line.classList.contains('line')) return;
  // The number stands in the padding of its line.
  if (event.offsetX > Number.parseFloat(getComputedStyle(line).paddingInlineStart)) return;
  const number = Number(line.dataset['number']);
  history.replaceState(null, '', `#L${number}`);
  markLine(lines, number);
}
