import type { Random } from './random.ts';

/** Makes a damaged copy of `input`; `other` is another good input of the same kind. */
export type Mutation = (input: Buffer, random: Random, other: Buffer) => Buffer;

/** Grown inputs stay below this, so that speed does not sink from one mutation to the next. */
const longestInputInBytes = 64 * 1024;
const wordInBytes = 8;
/** Numbers at the edges of what readers can hold: signs, 32 bits, doubles, 64 bits. */
const edges = [
  0n,
  1n,
  7n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
] as const;
/** What separates, quotes, escapes or ends things in one of Nix's formats, and bytes that are not UTF-8. */
const telling = Buffer.from('"\\()[]{},:;\n\r\t !^=-/.0\0\xff\xc0\x80\xed\xa0', 'latin1');
const deepestNesting = 3000;

export const mutations: readonly [Mutation, ...Mutation[]] = [
  flipBit,
  writeTellingByte,
  insertTellingByte,
  truncate,
  removeRange,
  repeatRange,
  splice,
  lieAboutLength,
  enlargeNumber,
  swapParts,
  nest,
  insertNoise,
];

function flipBit(input: Buffer, random: Random): Buffer {
  const copy = Buffer.from(input);
  const place = random.below(copy.length);
  if (place < copy.length) copy.writeUInt8(copy.readUInt8(place) ^ (1 << random.below(8)), place);
  return copy;
}

function writeTellingByte(input: Buffer, random: Random): Buffer {
  const copy = Buffer.from(input);
  if (copy.length > 0) copy.writeUInt8(tellingByte(random), random.below(copy.length));
  return copy;
}

function insertTellingByte(input: Buffer, random: Random): Buffer {
  return insert(input, random.below(input.length + 1), Buffer.of(tellingByte(random)));
}

function truncate(input: Buffer, random: Random): Buffer {
  return input.subarray(0, random.below(input.length + 1));
}

function removeRange(input: Buffer, random: Random): Buffer {
  const [start, end] = range(input, random);
  return Buffer.concat([input.subarray(0, start), input.subarray(end)]);
}

function repeatRange(input: Buffer, random: Random): Buffer {
  const [start, end] = range(input, random);
  const times = 1 + random.below(random.pick([2, 2, 8, 64]));
  const repeated: Buffer[] = Array.from({ length: times }, () => input.subarray(start, end));
  return insert(input, start, Buffer.concat(repeated));
}

function splice(input: Buffer, random: Random, other: Buffer): Buffer {
  const [start, end] = range(other, random);
  const [from, to] = range(input, random);
  return Buffer.concat([input.subarray(0, from), other.subarray(start, end), input.subarray(to)]);
}

/** Archives and the daemon's protocol count in words of eight bytes, on such boundaries. */
function lieAboutLength(input: Buffer, random: Random): Buffer {
  if (input.length < wordInBytes) return input;
  const copy = Buffer.from(input);
  const place = random.below(Math.floor(copy.length / wordInBytes)) * wordInBytes;
  const near = BigInt.asUintN(64, copy.readBigUInt64LE(place) + BigInt(random.below(17) - 8));
  copy.writeBigUInt64LE(random.pick([near, near, random.pick(edges)]), place);
  return copy;
}

/** Writes another number where one stands in decimal. */
function enlargeNumber(input: Buffer, random: Random): Buffer {
  const numbers = [...input.toString('latin1').matchAll(/\d+/g)];
  const chosen = numbers[random.below(numbers.length)];
  if (chosen === undefined) return input;
  const sign = random.pick(['', '', '', '-', '+', '0', '1e']);
  const number = Buffer.from(`${sign}${random.pick(edges)}`);
  return Buffer.concat([
    input.subarray(0, chosen.index),
    number,
    input.subarray(chosen.index + chosen[0].length),
  ]);
}

/** Exchanges two parts, as commas, lines and slashes part them. */
function swapParts(input: Buffer, random: Random): Buffer {
  const separator = random.pick([',', '\n', ' ', '/', ':']);
  const parts = input.toString('latin1').split(separator);
  const one = random.below(parts.length);
  const other = random.below(parts.length);
  [parts[one], parts[other]] = [parts[other] ?? '', parts[one] ?? ''];
  return Buffer.from(parts.join(separator), 'latin1');
}

/** Opens what nobody closes, or closes it too, very often. */
function nest(input: Buffer, random: Random): Buffer {
  const depth = 1 + random.below(random.pick([4, 80, deepestNesting]));
  const open = random.pick(['[', '(', '{', '{"a":', '[[', '(["out"],[("out",', '(type']);
  const close = random.pick(['', ']', ')', '}', '])])']);
  const place = random.below(input.length + 1);
  return insert(input, place, Buffer.from(open.repeat(depth) + close.repeat(depth)));
}

function insertNoise(input: Buffer, random: Random): Buffer {
  const noise = Buffer.from(Array.from({ length: 1 + random.below(40) }, () => random.below(256)));
  return insert(input, random.below(input.length + 1), noise);
}

function tellingByte(random: Random): number {
  return telling.readUInt8(random.below(telling.length));
}

/** Short ranges are as likely as long ones. */
function range(input: Buffer, random: Random): [number, number] {
  const start = random.below(input.length + 1);
  const longest = Math.min(input.length - start, random.pick([4, 32, 256, input.length]));
  return [start, start + random.below(longest + 1)];
}

function insert(input: Buffer, place: number, inserted: Buffer): Buffer {
  const room = Math.max(0, longestInputInBytes - input.length);
  const fitting = inserted.subarray(0, room);
  return Buffer.concat([input.subarray(0, place), fitting, input.subarray(place)]);
}
