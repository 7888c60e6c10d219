/** The line that the address asks for (`#L12`). */
export function readLineLink(): number | undefined {
  const [, digits] = /^#L(\d{1,10})$/.exec(location.hash) ?? [];
  return digits === undefined || Number(digits) === 0 ? undefined : Number(digits);
}

/** The line whose number was clicked; undefined for a click elsewhere. */
export function clickedNumber(event: MouseEvent): number | undefined {
  const line = event.target;
  if (!(line instanceof HTMLElement) || !line.classList.contains('line')) return undefined;
  // The number stands in the padding of its line.
  if (event.offsetX > Number.parseFloat(getComputedStyle(line).paddingInlineStart))
    return undefined;
  return Number(line.dataset['number']);
}

/** Makes a line the one that the address asks for. */
export const linkLine = (line: number): void => history.replaceState(null, '', `#L${line}`);
