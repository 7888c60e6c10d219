import { stripVTControlCharacters } from 'node:util';

const hint = /^\(use '--show-trace'/;
const excerpt = /^\s+\d*\|/;
// Positions in what we hand to Nix ourselves tell a person nothing.
const ownPosition = /^\s*at (?:«string»|\(string\)|«none»)/;

/**
 * What a person needs of what Nix printed before it ended with an error: the message and where, without colours, the way
 * there, and excerpts of the source. Empty where there is no error in it.
 */
export function essentialMessage(printed: string): string {
  const text = stripVTControlCharacters(printed);
  // Newer versions print the way there first.
  const start = [...text.matchAll(/^\s*error: *(?=\S)/gm)].at(-1);
  if (start === undefined) return '';
  return text
    .slice(start.index + start[0].length)
    .split('\n')
    .filter((line) => !hint.test(line) && !excerpt.test(line) && !ownPosition.test(line))
    .map((line) => line.trim().replace(/^(at .*:\d+):$/, '$1'))
    .filter((line) => line !== '')
    .join('\n');
}
