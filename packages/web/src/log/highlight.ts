const name = 'found';

/** What is marked in each box: there may be several logs on a page. */
const marked = new Map<HTMLElement, readonly Range[]>();

/** Has the browser mark a text in the lines of a box, in any case; the empty text: nothing. Not every browser can. */
export function highlight(box: HTMLElement, text: string): void {
  if (!('highlights' in CSS)) return;
  if (text === '') marked.delete(box);
  else marked.set(box, rangesOf(box, text.toLowerCase()));
  CSS.highlights.set(name, new Highlight(...[...marked.values()].flat()));
}

function rangesOf(box: HTMLElement, text: string): Range[] {
  const ranges: Range[] = [];
  const nodes = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let node = nodes.nextNode(); node !== null; node = nodes.nextNode()) {
    const content = (node.nodeValue ?? '').toLowerCase();
    for (let at = content.indexOf(text); at !== -1; at = content.indexOf(text, at + 1)) {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      ranges.push(range);
    }
  }
  return ranges;
}
