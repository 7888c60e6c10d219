import { paintLine } from './paint-line.ts';

/** What a piece of a log adds: whole lines, and the beginning of the next one as it stands now. */
export type AddedLines = { readonly lines: readonly string[]; readonly open: string };

// Of a line that does not end no more is kept than this, which is more than is shown of it.
const openCharactersMax = 20_000;

/** Turns the text of a log, as it comes, into painted lines; it begins in `style`. */
export function createLogText(style = ''): { add(text: string): AddedLines; end(): AddedLines } {
  let open = '';
  const paint = (line: string): string => {
    const painted = paintLine(line, style);
    style = painted.style;
    return painted.html;
  };
  return {
    add(text) {
      const pieces = `${open}${text}`.split('\n');
      open = withoutOverwritten(pieces.pop() ?? '').slice(0, openCharactersMax);
      const lines = pieces.map(paint);
      return { lines, open: open === '' ? '' : paintLine(open, style).html };
    },
    end() {
      const lines = open === '' ? [] : [paint(open)];
      open = '';
      return { lines, open: '' };
    },
  };
}

/** The part after the last carriage return that something follows: the rest is never seen again. */
const withoutOverwritten = (line: string): string =>
  line.length < 2 ? line : line.slice(line.lastIndexOf('\r', line.length - 2) + 1);
