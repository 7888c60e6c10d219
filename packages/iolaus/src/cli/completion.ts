import { Fault } from '../fault/fault.ts';
import type { CommandGroup } from './command-group.ts';
import type { Command } from './command.ts';

/** What may follow some words, each preceded by a space: `` and ` steer` and ` steer hold`. */
type Words = ReadonlyMap<string, readonly string[]>;

/** A script that teaches a shell what can follow `iolaus`: commands, and the options that their help names. */
export const completionCommand = (root: CommandGroup): Command => ({
  help: `iolaus completion SHELL: prints a script that completes commands and options

  SHELL           bash, zsh or fish

  bash: source <(iolaus completion bash)
  zsh:  source <(iolaus completion zsh)
  fish: iolaus completion fish | source`,
  async run([shell = '']) {
    const print = printers[shell];
    if (print === undefined) {
      throw new Fault('bad-usage', `nothing is known of a shell '${shell}'`, {
        remedy: `There are ${Object.keys(printers).join(', ')}.`,
      });
    }
    console.log(print(await gatherWords(root)));
    return 0;
  },
});

async function gatherWords(root: CommandGroup): Promise<Words> {
  const words = new Map<string, readonly string[]>();
  const visit = async ({ entries }: CommandGroup, path: string): Promise<void> => {
    words.set(
      path,
      entries.map(({ name }) => name),
    );
    for (const entry of entries) {
      const found = await entry.load();
      if ('entries' in found) await visit(found, `${path} ${entry.name}`);
      else words.set(`${path} ${entry.name}`, optionsIn(found.help));
    }
  };
  await visit(root, '');
  return words;
}

const optionsIn = (help: string): string[] => [
  ...new Set(help.match(/(?<=^ *|[ ,[])--[a-z][a-z0-9-]*/gm)),
];

const printBash = (words: Words): string => `_iolaus() {
  local word path= choices=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
      ${[...words.keys()].slice(1).map(quote).join(' | ')}) path="$path $word" ;;
    esac
  done
  case "$path" in
${[...words].map(([path, choices]) => `    ${quote(path)}) choices='${choices.join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _iolaus iolaus`;

const printZsh = (words: Words): string =>
  `autoload -Uz compinit bashcompinit && compinit && bashcompinit\n${printBash(words)}`;

/** A command follows when its words are there and none of those that may follow them. */
const printFish = (words: Words): string =>
  [...words]
    .map(([path, choices]) => {
      const seen = path
        .trim()
        .split(' ')
        .filter((word) => word !== '')
        .map((word) => `__fish_seen_subcommand_from ${word}`);
      const commands = choices.filter((choice) => !choice.startsWith('-'));
      const unseen =
        commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.join(' ')}`];
      return `complete -c iolaus -n '${[...seen, ...unseen].join('; and ') || 'true'}' -a '${choices.join(' ')}'`;
    })
    .join('\n');

const printers: Readonly<Record<string, (words: Words) => string>> = {
  bash: printBash,
  zsh: printZsh,
  fish: printFish,
};

const quote = (text: string): string => `'${text}'`;
