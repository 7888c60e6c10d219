/** The names that lead from a file's value to something in it. */
export type AttributePath = readonly string[];

/** Dotted; names that hold a dot, or are empty, are put in quotes, as `nix-eval-jobs` has it. */
export function printAttributePath(path: AttributePath): string {
  return path.map((name) => (/^$|[."]/.test(name) ? JSON.stringify(name) : name)).join('.');
}

/** Reads what `printAttributePath` prints, and what people write behind `-A`. */
export function parseAttributePath(text: string): AttributePath {
  const names = text.matchAll(/"((?:[^"\\]|\\.)*)"|([^."]+)/g);
  return [...names].map(([whole, quoted]) =>
    quoted === undefined ? whole : quoted.replaceAll(/\\(.)/g, '$1'),
  );
}
