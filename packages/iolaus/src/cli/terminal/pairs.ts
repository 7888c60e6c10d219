import { Fault } from '../../fault/fault.ts';

export type Pair = readonly [name: string, value: string];

/** Takes options with two values, such as `--arg NAME EXPR`, out of a command line, since `parseArgs` knows none. */
export function readPairs(
  parameters: readonly string[],
  options: readonly string[],
): { readonly rest: string[]; readonly pairs: (option: string) => Pair[] } {
  const rest: string[] = [];
  const found = new Map<string, Pair[]>(options.map((option) => [option, []]));
  for (let index = 0; index < parameters.length; index += 1) {
    const parameter = parameters[index] ?? '';
    const pairs = found.get(parameter);
    if (pairs === undefined) {
      rest.push(parameter);
      continue;
    }
    const [name, value] = [parameters[index + 1], parameters[index + 2]];
    if (name === undefined || value === undefined) {
      throw new Fault('bad-usage', `${parameter} takes a name and a value`, {
        remedy: `For example: ${parameter} name ${parameter === '--arg' ? "'[ 1 2 ]'" : 'value'}`,
      });
    }
    pairs.push([name, value]);
    index += 2;
  }
  return { rest, pairs: (option) => found.get(option) ?? [] };
}
