import { styleText } from 'node:util';

type Line = Readonly<Record<string, unknown>>;

// The level is told by colour and by its word, for who sees no colours.
const colours = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const;

/**
 * A JSON line of the log as a person wants it: time of day, level, message, then the fields.
 * `12:04:09 warn  builder: the runner does not answer; trying again in=2s`
 */
export function formatLine(json: string): string {
  const parsed: unknown = JSON.parse(json);
  const { level, time, program, message, ...fields } = asLine(parsed);
  const parts = [
    paint('gray', timeOfDay(time)),
    paintLevel(String(level)),
    `${String(program)}: ${printable(String(message))}`,
    ...Object.entries(fields).map(([name, value]) => `${paint('gray', `${name}=`)}${field(value)}`),
  ];
  return `${parts.join(' ')}\n`;
}

function asLine(value: unknown): Line {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function timeOfDay(time: unknown): string {
  return new Date(String(time)).toTimeString().slice(0, 8);
}

function paintLevel(level: string): string {
  const colour = level in colours ? colours[level as keyof typeof colours] : 'gray';
  return paint(colour, level.padEnd(5));
}

function paint(colour: 'gray' | 'green' | 'yellow' | 'red', text: string): string {
  return process.env['NO_COLOR'] === undefined
    ? styleText(colour, text, { validateStream: false })
    : text;
}

/** Quoted where the end of it could not be seen otherwise. */
function field(value: unknown): string {
  if (typeof value !== 'string') return printable(JSON.stringify(value));
  return /^[^\s"=]+$/.test(value) ? printable(value) : printable(JSON.stringify(value));
}

/** Texts of builds are hostile: an escape sequence among them would be the terminal's to obey. */
function printable(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
