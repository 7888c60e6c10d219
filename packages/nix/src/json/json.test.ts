import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromUtf8 } from '../byte-string.ts';
import { NixFormatError } from '../format-error.ts';
import { JsonReader } from './json-reader.ts';
import { valueOf } from './json-value.ts';
import { parseJson } from './parse-json.ts';
import { printJson } from './print-json.ts';

test('any JSON is read, and written as JSON.stringify would', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      const read = valueOf(parseJson(Buffer.from(text)));
      assert.deepEqual(
        JSON.parse(printJson(read, 'sorted', 'pretty').toString()),
        JSON.parse(text),
      );
      assert.equal(printJson(read, 'as-given', 'compact').toString(), text);
    }),
  );
});

test('what JSON.parse refuses is refused, with the byte', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.nat(),
      fc.constantFrom(...Array.from('"\\{}[],:x0-.e')),
      (json, place, character) => {
        const start = place % (json.length + 1);
        const damaged = json.slice(0, start) + character + json.slice(start);
        const bytes = Buffer.from(damaged);
        if (accepts(() => JSON.parse(damaged))) return;
        assert.throws(
          () => parseJson(bytes),
          (error) =>
            error instanceof NixFormatError &&
            error.offset !== null &&
            error.offset <= bytes.length,
        );
      },
    ),
  );
});

test('members of one name, half characters and too deep nesting are refused', () => {
  const deep = `${'['.repeat(257)}${']'.repeat(257)}`;
  const cases = new Map([
    ['{"a":1,"a":2}', 7],
    ['"\\ud800"', 1],
    ['"\\udc00\\ud800"', 1],
    [deep, 256],
  ]);
  for (const [text, offset] of cases)
    assert.throws(() => parseJson(Buffer.from(text)), { name: 'NixFormatError', offset });
});

test('escapes become UTF-8, and numbers stay as they are written', () => {
  const node = parseJson(Buffer.from('["\\u00e9\\ud83d\\ude00\\/", 12345678901234567890, 1.50]'));
  const expected = [fromUtf8('é😀/'), { number: '12345678901234567890' }, { number: '1.50' }];
  assert.deepEqual(valueOf(node), expected);
});

test('a reader names the field in all that it refuses', () => {
  const reader = new JsonReader(parseJson(Buffer.from('{"a":{"b":[1,-2,3.5,9007199254740992]}}')));
  const items = reader.member('a').member('b').items();
  assert.equal(items[0]?.count(), 1);
  for (const index of [1, 2, 3])
    assert.throws(() => items[index]?.count(), { field: `a.b[${index}]` });
  assert.throws(() => reader.member('c'), { field: 'JSON', offset: 0 });
  assert.throws(() => reader.member('a').bytes(), { field: 'a', offset: 5 });
  assert.throws(() => reader.member('a').refuseOthers(['c']), { field: 'a.b', offset: 10 });
  assert.equal(reader.optional('c'), null);
});

function accepts(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
