import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NixFormatError } from '../format-error.ts';
import { readFixture } from '../testing/fixture.ts';
import { deepestNesting, longestNameInBytes, longestTargetInBytes } from './limits.ts';
import { parseNar } from './parse-nar.ts';
import { NarParser } from './parser.ts';
import { encodeWords } from './word-writer.ts';

const magic = 'nix-archive-1';
const file = ['(', 'type', 'regular', 'contents', '', ')'];
const open = ['(', 'type', 'directory'];

/** A root directory with these entries, each an empty file. */
function directoryOf(...names: readonly string[]): string[] {
  const entries = names.flatMap((name) => ['entry', '(', 'name', name, 'node', ...file, ')']);
  return [magic, ...open, ...entries, ')'];
}

function nested(depth: number): string[] {
  const inner = Array.from({ length: depth }, () => ['entry', '(', 'name', 'd', 'node', ...open]);
  const ends = Array.from({ length: depth }, () => [')', ')']);
  return [magic, ...open, ...inner.flat(), ...ends.flat(), ')'];
}

const symlinkTo = (target: string) => [magic, '(', 'type', 'symlink', 'target', target, ')'];

function parse(...chunks: readonly Uint8Array[]): void {
  const parser = new NarParser();
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
}

function accept(words: readonly string[]): void {
  parse(encodeWords(...words));
}

function refuse(bytes: Buffer, message: RegExp): void {
  for (const chunks of [[bytes], Array.from(bytes, (byte) => Buffer.of(byte))])
    assert.throws(
      () => parse(...chunks),
      (error) => {
        assert.ok(error instanceof NixFormatError, String(error));
        assert.match(error.message, message);
        assert.ok(error.offset !== null && error.offset <= bytes.length);
        return true;
      },
    );
}

/** The size of a file of one byte stands at byte 88. */
const oneByte = Buffer.concat([
  encodeWords(magic, '(', 'type', 'regular', 'contents'),
  Buffer.of(1, 0, 0, 0, 0, 0, 0, 0, 0x78, 0, 0, 0, 0, 0, 0, 0),
  encodeWords(')'),
]);

function change(bytes: Buffer, offset: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[offset] = value;
  return changed;
}

for (const name of ['.', '..', '', '/', 'a/b', '../x', 'a\0b', '\0'])
  test(`no entry can have the name ${JSON.stringify(name)}`, () => {
    refuse(
      encodeWords(...directoryOf(name)),
      /nothing can have the name .* \(name of '\/', byte 128\)/,
    );
  });

for (const name of ['...', '.a', '..a', 'a\\b', '~', 'x~nix~case~hack~1', '\xff\xfe', ' ', '\n'])
  test(`an entry can have the name ${JSON.stringify(name)}`, () => {
    accept(directoryOf(name));
  });

test('names come in the order of their bytes, each once', () => {
  accept(directoryOf('A', 'a', 'a-b', 'a.b', 'ab', '\x80'));
  refuse(encodeWords(...directoryOf('b', 'a')), /'a' comes after 'b', against the order/);
  refuse(encodeWords(...directoryOf('a', 'a')), /'a' comes after 'a', against the order/);
  refuse(encodeWords(...directoryOf('a', 'B')), /'B' comes after 'a', against the order/);
});

test('names and targets are as long as Linux allows, and no longer', () => {
  accept(directoryOf('n'.repeat(longestNameInBytes)));
  refuse(encodeWords(...directoryOf('n'.repeat(256))), /a string has 256 bytes.*\(name of '\/'/);
  accept(symlinkTo('t'.repeat(longestTargetInBytes)));
  refuse(encodeWords(...symlinkTo('t'.repeat(4096))), /4096 bytes.*\(target of '\/', byte 88\)/);
  refuse(encodeWords(...symlinkTo('')), /a symlink leads to '' \(target of '\/', byte 88\)/);
  refuse(encodeWords(...symlinkTo('a\0')), /a symlink leads to 'a\\u0000'/);
});

test('directories are nested 64 deep, and no deeper', () => {
  accept(nested(deepestNesting - 1));
  refuse(encodeWords(...nested(deepestNesting)), /nested deeper than 64 \(type of '\/d\/d\//);
});

test('padding is of zeros', () => {
  refuse(change(oneByte, 97, 1), /padding is not of zeros \(padding of '\/', byte 97\)/);
  refuse(change(oneByte, 23, 1), /padding is not of zeros \(word of '\/', byte 23\)/);
});

test('sizes beyond 2^53 and strings that lie about their length are refused at once', () => {
  refuse(change(oneByte, 94, 0x20), /not below 2\^53 \(size of '\/', byte 88\)/);
  refuse(change(oneByte, 6, 0x10), /a string has \d+ bytes.*\(word of '\/', byte 0\)/);
  // One below is a size; what is missing is then the contents.
  refuse(change(oneByte, 94, 0x1f), /breaks off \(contents of '\/', byte 120\)/);
});

test('words in the wrong place are named, with what should stand there', () => {
  refuse(encodeWords('nix-archive-2'), /'nix-archive-2' stands where 'nix-archive-1' should/);
  refuse(encodeWords(magic, '(', 'type', 'fifo', ')'), /'fifo' is no type of node/);
  refuse(encodeWords(magic, '(', 'type', 'regular', ')'), /'\)' stands where 'contents' should/);
  const marked = ['(', 'type', 'regular', 'executable', 'yes', 'contents', '', ')'];
  refuse(encodeWords(magic, ...marked), /a string has 3 bytes, and no more than 0/);
  refuse(encodeWords(magic, ...open, 'name'), /'name' stands where 'entry' or '\)' should/);
});

test('an archive that breaks off anywhere is refused, with the byte', () => {
  const tree = readFixture('nar/exec.sh.nar');
  for (let end = 0; end < tree.length; end += 1)
    refuse(tree.subarray(0, end), new RegExp(`breaks off \\(\\S+ of '/', byte ${end}\\)`));
});

test('bytes behind the end are refused, also in a chunk of their own', async () => {
  const empty = readFixture('nar/empty.nar');
  for (const chunks of [[Buffer.concat([empty, Buffer.alloc(1)])], [empty, Buffer.alloc(1)]])
    await assert.rejects(async () => {
      for await (const _ of parseNar(chunks));
    }, /bytes behind the end of the archive \(archive, byte 112\)/);
});

test('of an endless file nothing is kept but the chunk at hand', () => {
  const parser = new NarParser();
  parser.push(encodeWords(magic, '(', 'type', 'regular', 'contents'));
  const chunk = Buffer.alloc(64 * 1024);
  parser.push(Buffer.of(0, 0, 0, 0, 0, 0x10, 0, 0));
  for (let count = 0; count < 100; count += 1) {
    const events = parser.push(chunk);
    assert.equal(events.length, 1);
    assert.equal(parser.rest().length, 0);
  }
});
