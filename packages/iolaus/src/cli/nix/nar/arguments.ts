import { Fault } from '../../../fault/fault.ts';

/** Exactly these arguments, or a fault that names those that should be given. */
export function expectArguments<const Names extends readonly string[]>(
  command: string,
  positionals: readonly string[],
  names: Names,
): { [Index in keyof Names]: string } {
  const given = positionals.length;
  if (isAsLongAs(positionals, names)) return positionals;
  throw new Fault(
    'bad-usage',
    `iolaus ${command} takes ${names.join(' and ')}, not ${given} arguments`,
    {
      remedy: `\`iolaus ${command} --help\` explains them.`,
    },
  );
}

function isAsLongAs<const Names extends readonly string[]>(
  given: readonly string[],
  names: Names,
): given is { [Index in keyof Names]: string } {
  return given.length === names.length;
}

/** A path in an archive, which begins with a slash as with Nix. */
export function memberPath(text: string): string {
  if (text.startsWith('/')) return text;
  throw new Fault('bad-usage', `'${text}' is no path in an archive`, {
    remedy: `Those begin with a slash: /${text}`,
  });
}
