/** A line of `hydra-build-products`, taken apart; `path` without the quotes that may stand around it. */
export type ProductLine = {
  readonly type: string;
  readonly subtype: string;
  readonly path: string;
  /** The page to show first, inside of a folder; may be empty. */
  readonly defaultPath: string;
};

// `type subtype path [default]`, from one end of the line to the other. A path with blanks stands in double quotes.
const word = '[A-Za-z0-9_-]+';
const blanks = String.raw`[ \t\v\f\r]+`;
const bare = String.raw`[^ \t\v\f\r\n"<>]+`;
const linePattern = new RegExp(
  `^(?<type>${word})${blanks}(?<subtype>${word})${blanks}` +
    `(?:"(?<quoted>[^"]+)"|(?<bare>${bare}))(?:${blanks}(?<defaultPath>${bare}))?$`,
);

// Twice the longest path that a system takes; what is longer is no honest line.
const lineCharactersMax = 8_192;
// Far beyond any real build (a release of NixOS has some dozens); each costs a look at the disk.
const linesMax = 10_000;

/** Parses `hydra-build-products`. Lines that are not of the grammar are left out. */
export function parseProducts(text: string): ProductLine[] {
  return text
    .split('\n', linesMax)
    .map((line) => parseProduct(line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => line !== null);
}

/** Parses one line, without its end; null if it is not of the grammar. */
export function parseProduct(line: string): ProductLine | null {
  if (line.length > lineCharactersMax) return null;
  const parts = linePattern.exec(line)?.groups;
  if (parts === undefined) return null;
  const { type = '', subtype = '', quoted, bare: unquoted = '', defaultPath = '' } = parts;
  return { type, subtype, path: quoted ?? unquoted, defaultPath };
}
