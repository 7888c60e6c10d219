import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { paintLine } from './paint-line.ts';

const paint = (line: string, style = ''): string => paintLine(line, style).html;

test('colours of the terminal become classes of ours', () => {
  assert.equal(paint('a \x1b[31mred\x1b[0m b'), 'a <span class="ansi-red-fg">red</span> b');
});

test('a colour beyond the sixteen named ones is kept as it is', () => {
  assert.equal(paint('\x1b[38;2;1;2;3mx'), '<span style="color:rgb(1,2,3)">x</span>');
});

test('a style goes on into the next line until it is reset', () => {
  const first = paintLine('\x1b[1m\x1b[32mbold green', '');
  assert.match(paint('still', first.style), /ansi-green-fg.*>still</);
  assert.equal(paintLine('\x1b[0mplain', first.style).style, '');
  assert.equal(paint('plain', paintLine('done\x1b[m', first.style).style), 'plain');
});

test('a reset in front of a colour begins the style anew', () => {
  assert.equal(paintLine('\x1b[0;31mred', '\x1b[1m').style, '\x1b[0;31m');
});

test('painting a line does not depend on the lines that were painted before', () => {
  paintLine('\x1b[31mred without an end', '');
  paintLine('a sequence without an end \x1b]8;;http://example.org', '');
  assert.equal(paint('plain'), 'plain');
});

test('markup in a log is text', () => {
  assert.equal(paint('<script>&"\'</script>'), '&lt;script&gt;&amp;&quot;&#x27;&lt;/script&gt;');
});

test('a link of the terminal is its text, and goes nowhere', () => {
  assert.equal(paint('\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07!'), 'click!');
});

test('sequences that move the cursor, ring or rename the window leave no trace', () => {
  assert.equal(paint('a\x1b[2J\x1b[10;20H\x1b]0;title\x07b\x1b(Bc\x1b[?25ld\x1b7e'), 'abcde');
});

test('controls are shown as pictures of themselves', () => {
  assert.equal(paint('a\0b\x07c\x7f\td'), 'a␀b␇c␡\td');
});

test('characters that turn text around are not obeyed', () => {
  assert.equal(paint('if \u202e} \u2066admin'), 'if \ufffd} \ufffdadmin');
});

test('of a progress bar its last state is seen', () => {
  assert.equal(paint('10%\r50%\r100%'), '100%');
  assert.equal(paint('10%\r50%\r'), '50%');
  assert.equal(paint('line of Windows\r'), 'line of Windows');
  assert.equal(paint('\r'), '');
});

test('a line of a megabyte is cut, and says so', () => {
  const html = paint('x'.repeat(1_000_000));
  assert.ok(html.length < 20_000);
  assert.match(html, /the rest of this line is in the raw log/);
});

test('a log that sets styles for ever carries only a few of them along', () => {
  let style = '';
  for (let line = 0; line < 1000; line += 1) style = paintLine('\x1b[1m\x1b[3m', style).style;
  assert.ok(style.length < 100);
});

const hostile = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.constantFrom('\x1b', '\x1b[', '\x1b]8;;', '\x1b[31', ';', 'm', '<b>', '\r', '\x9b'),
    ),
  )
  .map((pieces) => pieces.join(''));

test('whatever a line holds, its HTML has no element but spans and no control', () => {
  fc.assert(
    fc.property(hostile, hostile, (line, before) => {
      const html = paint(line, paintLine(before, '').style);
      assert.doesNotMatch(
        html.replaceAll(/<\/?span( (class|style)="[\w\s:;(),-]*")*>/g, ''),
        /[<>"]/,
      );
      assert.doesNotMatch(html, /[\0-\x08\n-\x1f\x7f-\x9f]/);
    }),
    { numRuns: 2000 },
  );
});
