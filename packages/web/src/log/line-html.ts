import type { LogRow } from './row-window.ts';

/** A line as an element of the page. One without a character has no height of its own to be seen, clicked or copied by. */
export function lineHtml({ line, html, heading }: LogRow): string {
  const name = heading === undefined ? 'line' : 'line heading';
  return `<div class="${name}" data-number="${line}">${foldButton(heading)}${html === '' ? '\n' : html}</div>`;
}

function foldButton(heading: LogRow['heading']): string {
  if (heading === undefined) return '';
  return `<button type="button" class="fold" aria-expanded="${heading === 'open'}" aria-label="Lines of this phase"></button>`;
}
