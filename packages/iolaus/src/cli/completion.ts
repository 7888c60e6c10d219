import { Fault } from '../fault/fault.ts';
import type { CommandGroup } from './command-group.ts';
import { onlyPositional } from './command.ts';
import type { Command } from './command.ts';

/** What may follow some words, each preceded by a space: `` and ` steer` and ` steer hold`. */
type Words = ReadonlyMap<string, readonly string[]>;

/** A script that teaches a shell what can follow `iolaus`: commands, and the options that their help names. */
export const completionCommand = (root: CommandGroup): Command => ({
  words: Object.keys(printers),
  help: `iolaus completion SHELL: prints a script that completes commands and options

  SHELL           bash, zsh or fish

  bash: source <(iolaus completion bash)
  zsh:  source <(iolaus completion zsh)
  fish: iolaus completion fish | source`,
  async run(parameters) {
    const remedy = `There are ${Object.keys(printers).join(', ')}.`;
    const shell = onlyPositional('completion', 'one shell', parameters, remedy);
    const print = printers[shell];
    if (print === undefined) {
      throw new Fault('bad-usage', `nothing is known of a shell '${shell}'`, { remedy });
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
      else words.set(`${path} ${entry.name}`, [...(found.words ?? []), ...optionsIn(found.help)]);
    }
  };
  await visit(root, '');
  return words;
}

const optionsIn = (help: string): string[] => [
  ...new Set(help.match(/(?<=^ *|[ ,[])--[a-z][a-z0-9-]*/gm)),
];

/** All three go through the words that are there, from command to command, and then offer what may follow. */
const printBash = (words: Words): string => `_iolaus() {
${chooseWords(words, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"')}
  COMPREPLY=($(compgen -W "$choices" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _iolaus iolaus`;

const printZsh = (words: Words): string => `_iolaus() {
${chooseWords(words, '"${(@)words[2,CURRENT-1]}"')}
  compadd -- \${=choices} || _files
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _iolaus iolaus`;

const printFish = (words: Words): string => `function __iolaus_words
  set -l at ''
  for word in (commandline -opc)[2..]
    switch "$at $word"
      case ${commandsIn(words).join(' ')}
        set at "$at $word"
    end
  end
  switch "$at"
${branches(words, (path, choices) => `    case ${path}\n      printf '%s\\n' ${choices}`)}
  end
end
complete -c iolaus -a '(__iolaus_words)'
complete -c iolaus -f -n 'not string match -q -- "--*" (__iolaus_words)'`;

/** As bash and zsh both read it: `choices` is what may follow the words of `typed`. */
const chooseWords = (words: Words, typed: string): string => `  local word at= choices=
  for word in ${typed}; do
    case "$at $word" in
      ${commandsIn(words).join(' | ')}) at="$at $word" ;;
    esac
  done
  case "$at" in
${branches(words, (path, choices) => `    ${path}) choices='${choices}' ;;`)}
  esac`;

const commandsIn = (words: Words): string[] => [...words.keys()].slice(1).map(quote);

const branches = (words: Words, print: (path: string, choices: string) => string): string =>
  [...words].map(([path, choices]) => print(quote(path), choices.join(' '))).join('\n');

const printers: Readonly<Record<string, (words: Words) => string>> = {
  bash: printBash,
  zsh: printZsh,
  fish: printFish,
};

const quote = (text: string): string => `'${text}'`;
