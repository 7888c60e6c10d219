import type { Join } from '../../protocol/join.ts';

// Real builders have a dozen features and a handful of systems; what is beyond is a fault or an attack, and would be kept
// for as long as the builder stays.
const wordsMax = 1_000;
const wordCharactersMax = 1_000;
// More than any machine runs and has at hand.
const heldMax = 100_000;

/** What is too much in a join; null if nothing is. */
export function findExcess(join: Join): string | null {
  const lists = {
    systems: join.systems,
    'supported features': join.supportedFeatures,
    'mandatory features': join.mandatoryFeatures,
    substituters: join.substituters,
  };
  for (const [what, words] of Object.entries(lists)) {
    if (words.length > wordsMax) return `it has ${words.length} ${what}, and may have ${wordsMax}`;
    if (words.some(isLong))
      return `its ${what} have words of more than ${wordCharactersMax} characters`;
  }
  if (isLong(join.hostname)) return `its host name has more than ${wordCharactersMax} characters`;
  if (isLong(join.nixVersion)) return 'its version of Nix is no version';
  return join.held.length > heldMax ? `it holds more than ${heldMax} attempts` : null;
}

const isLong = (word: string): boolean => word.length > wordCharactersMax;
