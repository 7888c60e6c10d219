import { Fault } from '../fault/fault.ts';
import type { Command } from './command.ts';

/** A command that is loaded when asked for: no command waits for the libraries of the others. */
export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command | CommandGroup>;
};

/** Commands that share their first words. */
export type CommandGroup = {
  /** The words that lead here, such as `iolaus nix`. */
  readonly words: string;
  /** What the group is for, in a few words. */
  readonly purpose: string;
  readonly entries: readonly CommandEntry[];
  /** Turns what a command of the group threw into what a person can act on. */
  readonly explain?: (error: unknown) => unknown;
};

/** Runs the command that `parameters` begin with; returns the status to end with. */
export async function runFromGroup(
  group: CommandGroup,
  [name, ...parameters]: readonly string[],
): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    if (name !== undefined) console.log(printHelp(group));
    else console.error(printHelp(group));
    return name === undefined ? 2 : 0;
  }
  const chosen = await findEntry(group, name).load();
  if ('entries' in chosen) return explained(group, () => runFromGroup(chosen, parameters));
  if (asksForHelp(chosen, parameters)) {
    console.log(chosen.help);
    return 0;
  }
  return explained(group, () => chosen.run(parameters));
}

/** Whether help is what is wanted. After `--` everything is a name. */
export function asksForHelp({ shortHelp = true }: Command, parameters: readonly string[]): boolean {
  const end = parameters.indexOf('--');
  const options = end === -1 ? parameters : parameters.slice(0, end);
  return options.includes('--help') || (shortHelp && options.includes('-h'));
}

function findEntry({ words, entries }: CommandGroup, name: string): CommandEntry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  throw new Fault('bad-usage', `there is no command '${name}' in \`${words}\``, {
    remedy: `There are ${entries.map((known) => known.name).join(', ')}; \`${words} --help\` lists them.`,
  });
}

function printHelp({ words, purpose, entries }: CommandGroup): string {
  const width = Math.max(...entries.map(({ name }) => name.length));
  const lines = entries.map(({ name, summary }) => `  ${words} ${name.padEnd(width)}  ${summary}`);
  return `${words}: ${purpose}

${lines.join('\n')}

\`${words} COMMAND --help\` explains a command.`;
}

async function explained(
  { explain = (error: unknown) => error }: CommandGroup,
  run: () => Promise<number>,
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    throw explain(error);
  }
}
