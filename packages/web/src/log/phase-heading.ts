/**
 * How builders say that a phase begins: `Running phase: buildPhase`, as nixpkgs does since 2023; by the words of its elder
 * versions; and as Nix has it in logs that it wrote itself (`@nix {"action":"setPhase",…}`).
 */
const structured = /^@nix \{.*"action":\s*"setPhase".*"phase":\s*"([\w.+-]{1,60})"/;
const named = /^Running phase: ([\w.+-]{1,60})\s*$/;
const elder: ReadonlyMap<string, string> = new Map([
  ['unpacking sources', 'unpackPhase'],
  ['patching sources', 'patchPhase'],
  ['configuring', 'configurePhase'],
  ['building', 'buildPhase'],
  ['running tests', 'checkPhase'],
  ['installing', 'installPhase'],
  ['post-installation fixup', 'fixupPhase'],
  ['running install tests', 'installCheckPhase'],
]);

/** The first letters of all of them: most lines are told apart by theirs. */
export const headingLetters = '@Rupcbri';

// Whatever is longer is none.
export const headingCharactersMax = 200;

/** The phase that begins with a line; undefined for any other line. */
export function readHeading(line: string): string | undefined {
  if (line.length > headingCharactersMax || !headingLetters.includes(line.charAt(0)))
    return undefined;
  return named.exec(line)?.[1] ?? elder.get(line) ?? structured.exec(line)?.[1];
}
