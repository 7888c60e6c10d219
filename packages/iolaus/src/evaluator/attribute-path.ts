import { Fault } from '../fault/fault.ts';

/** The names that lead from a file's value to something in it. */
export type AttributePath = readonly string[];

/** Dotted; names that hold a dot or a quotation mark, or are empty, are put in quotes, as `nix-eval-jobs` has it. */
export function printAttributePath(path: AttributePath): string {
  return path.map((name) => (/^$|[."]/.test(name) ? quote(name) : name)).join('.');
}

/**
 * Reads what `printAttributePath` prints, and what people write behind `-A`. Nothing at all is the file's value itself.
 * @throws Fault `bad-usage`
 */
export function parseAttributePath(text: string): AttributePath {
  if (text === '') return [];
  const names: string[] = [];
  const name = /"((?:[^"\\]|\\.)*)"(?=\.|$)|([^."]+)(?=\.|$)/sy;
  for (let position = 0; position <= text.length; position = name.lastIndex + 1) {
    name.lastIndex = position;
    const match = name.exec(text);
    if (match === null) throw malformed(text);
    names.push(match[2] ?? unquote(match[1] ?? ''));
  }
  return names;
}

const quote = (name: string): string => `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

const unquote = (quoted: string): string => quoted.replaceAll(/\\(.)/gs, '$1');

function malformed(text: string): Fault {
  return new Fault('bad-usage', `'${text}' is no attribute path`, {
    remedy: 'It is names with dots between them, such as hello or python3Packages."a.b".',
  });
}
