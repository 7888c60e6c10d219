import { AnsiUp } from 'ansi_up';

/** A line as HTML that can do nothing but look coloured, and the style that goes on into the next line. */
export type PaintedLine = { readonly html: string; readonly style: string };

// A line longer than a few screens is data; the whole of it is in the raw log.
const charactersMax = 10_000;
// Styles add up until a reset; nobody sets more at once than this, but a hostile log may never reset.
const styleSequencesMax = 16;

// Complete sequences, and the beginnings of ones that the line does not end: CSI, OSC, character sets, the rest.
const escapeSequence =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]+[0-~]?|[0-~])?/g;
const styleSequence = /^\x1b\[[\d;]*m$/;
// Controls but the tab, and the characters that turn the direction of text around.
const invisible = /[\0-\x08\n-\x1a\x1c-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const noteOfCut = '<span class="cut"> … the rest of this line is in the raw log</span>';

const ansi = createAnsi();

/**
 * Colours one line of a log, which begins in `style` (the empty string at the beginning of the log). Of the terminal's
 * language only colours and weights are obeyed and carriage returns; every other control is shown as a picture of
 * itself or left out.
 */
export function paintLine(line: string, style: string): PaintedLine {
  const shown = lastOverwrite(line);
  const text = shown
    .slice(0, charactersMax)
    .replaceAll(escapeSequence, (sequence) => (styleSequence.test(sequence) ? sequence : ''))
    .replaceAll(invisible, pictureOf);
  const html = ansi.ansi_to_html(`\x1b[0m${style}${text}`);
  return {
    html: shown.length > charactersMax ? html + noteOfCut : html,
    style: styleAfter(text, style),
  };
}

/** What a terminal would show of a line that returns to its beginning, as progress bars do. */
function lastOverwrite(line: string): string {
  const end = line.endsWith('\r') ? line.length - 1 : line.length;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/** The style that goes on behind a text that began in `style`. */
export function styleAfter(text: string, style: string): string {
  let sequences = style === '' ? [] : style.split(/(?<=m)/);
  for (const [sequence] of text.matchAll(/\x1b\[[\d;]*m/g)) {
    if (/^.\[0*m$/.test(sequence)) sequences = [];
    else if (/^.\[0*;/.test(sequence)) sequences = [sequence];
    else sequences.push(sequence);
  }
  return sequences.slice(-styleSequencesMax).join('');
}

function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

function createAnsi(): AnsiUp {
  const ansi = new AnsiUp();
  ansi.use_classes = true;
  // A log may say where to click, but not make it a link.
  ansi.url_allowlist = {};
  return ansi;
}
