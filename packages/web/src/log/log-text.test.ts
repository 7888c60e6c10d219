import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLogText } from './log-text.ts';

function readAll(pieces: readonly string[]): string[] {
  const text = createLogText();
  return [...pieces.flatMap((piece) => text.add(piece).lines), ...text.end().lines];
}

test('lines are the same, however the text is cut into pieces', () => {
  const character = fc.constantFrom(
    'a',
    'é',
    '<',
    '\n',
    '\r',
    '\x1b[31m',
    '\x1b[0m',
    '\x1b',
    '[1m',
  );
  fc.assert(
    fc.property(fc.array(character), fc.array(fc.nat(40)), (characters, cuts) => {
      const text = characters.join('');
      const places = [0, ...cuts.filter((cut) => cut < text.length), text.length].sort(
        (a, b) => a - b,
      );
      const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
      assert.deepEqual(readAll(pieces), readAll([text]));
    }),
    { numRuns: 1000 },
  );
});

test('the beginning of a line is shown before its end has come', () => {
  const text = createLogText();
  assert.deepEqual(text.add('checking for cc... '), { lines: [], open: 'checking for cc... ' });
  assert.deepEqual(text.add('yes\nne'), { lines: ['checking for cc... yes'], open: 'ne' });
});

test('the last line counts without a line break, and an empty one does not', () => {
  assert.deepEqual(readAll(['a\nb']), ['a', 'b']);
  assert.deepEqual(readAll(['a\n\nb\n']), ['a', '', 'b']);
});

test('a style lasts over lines and pieces', () => {
  const [, second] = readAll(['\x1b[3', '1mred\n', 'still red\n']);
  assert.equal(second, '<span class="ansi-red-fg">still red</span>');
});

test('a line that never ends is not kept for ever', () => {
  const text = createLogText();
  for (let piece = 0; piece < 1000; piece += 1) text.add('x'.repeat(1000));
  assert.ok((text.end().lines[0]?.length ?? 0) < 21_000);
});

test('a progress bar that never ends shows where it is now', () => {
  const text = createLogText();
  let open = '';
  for (let percent = 0; percent <= 100; percent += 1)
    open = text.add(`\r${'#'.repeat(1000)} ${percent}%`).open;
  assert.match(open, / 100%$/);
});
