const name = 'found';

/** Has the browser mark a text in the lines of a box, in any case; the empty text: nothing. Where it cannot, the line is marked. */
export function highlight(box: HTMLElement, text: string): void {
  if (!('highlights' in CSS)) return;
  CSS.highlights.delete(name);
  if (text === '') return;
  const wanted = text.toLowerCase();
  const ranges: Range[] = [];
  const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const content = (node.nodeValue ?? '').toLowerCase();
    for (let at = content.indexOf(wanted); at !== -1; at = content.indexOf(wanted, at + 1)) {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
  }
  CSS.highlights.set(name, new Highlight(...ranges));
}
