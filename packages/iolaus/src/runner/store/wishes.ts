import { toUtf8 } from '@iolaus/nix';
import type { BasicDerivation } from '@iolaus/nix';
import type { Wishes } from '../../farm/graph/wishes.ts';

/** `EX_TEMPFAIL` of BSD's sysexits: "temporary failure; the user is invited to retry". */
const tempfail = 75;

/** Whoever needs more than a petabyte has misspelt it. */
const memoryBytesMax = 2 ** 50;

const names = [
  'iolausNeverRetry',
  'iolausTransientExitCodes',
  'iolausMemory',
  'iolausSize',
  'preferLocalBuild',
] as const;
type Name = (typeof names)[number];
type Attributes = ReadonlyMap<Name, unknown>;

/**
 * What the derivation's author asks of the farm (`docs/wishes.md`): variables of its environment, or structured attributes.
 * What is not understood is no wish; undefined if there is none, as with most.
 */
export function readWishes(derivation: BasicDerivation): Wishes | undefined {
  const attributes = readAttributes(derivation);
  if (attributes.size === 0) return undefined;
  const codes = parseExitCodes(attributes.get('iolausTransientExitCodes'));
  const memoryBytes = parseMemory(attributes.get('iolausMemory'));
  const size = attributes.get('iolausSize');
  const wishes: Wishes = {
    ...(isTrue(attributes.get('iolausNeverRetry')) ? { neverRetry: true } : {}),
    ...(codes.length > 0 ? { transientExitCodes: codes } : {}),
    ...(memoryBytes === null ? {} : { memoryBytes }),
    ...(isTrue(attributes.get('preferLocalBuild')) ? { prefersLocal: true } : {}),
    ...(size === 'big' || size === 'small' ? { size } : {}),
  };
  return Object.keys(wishes).length === 0 ? undefined : wishes;
}

function readAttributes({ environment }: BasicDerivation): Attributes {
  const variables = new Map<string, string>();
  // Variables can be megabytes: only the few that are wanted become text.
  for (const [name, value] of environment) {
    if (name.length > longestName) continue;
    const text = toUtf8(name);
    if (text === '__json' || isName(text)) variables.set(text, toUtf8(value));
  }
  const structured = variables.get('__json');
  return structured === undefined ? pickFrom(Object.fromEntries(variables)) : readJson(structured);
}

const longestName = Math.max(...names.map((name) => name.length));
const isName = (text: string): text is Name => names.some((name) => name === text);

function readJson(json: string): Attributes {
  if (!names.some((name) => json.includes(name))) return new Map();
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null ? pickFrom(parsed) : new Map();
  } catch {
    // The build will say so in its own words.
    return new Map();
  }
}

function pickFrom(attributes: object): Attributes {
  const picked = new Map<Name, unknown>();
  for (const name of names) {
    const value: unknown = Object.getOwnPropertyDescriptor(attributes, name)?.value;
    if (value !== undefined) picked.set(name, value);
  }
  return picked;
}

/** Nix's `true` is `1` in an environment. */
const isTrue = (value: unknown): boolean => value === true || value === '1';

function parseExitCodes(value: unknown): number[] {
  const words = Array.isArray(value)
    ? value.map(String)
    : typeof value === 'string' || typeof value === 'number'
      ? String(value).split(/\s+/)
      : [];
  return words
    .map((word) => (word === 'tempfail' ? tempfail : /^\d{1,3}$/.test(word) ? Number(word) : 0))
    .filter((code) => code > 0 && code < 256);
}

const units: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['K', 2 ** 10],
  ['M', 2 ** 20],
  ['G', 2 ** 30],
  ['T', 2 ** 40],
]);

/** Bytes, or with a unit: `8G`, `1.5 GiB`. */
function parseMemory(value: unknown): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*$/.exec(String(value));
  if (match === null) return null;
  const bytes = Math.round(Number(match[1]) * (units.get(match[2] ?? '') ?? 1));
  return bytes > 0 && bytes <= memoryBytesMax ? bytes : null;
}
