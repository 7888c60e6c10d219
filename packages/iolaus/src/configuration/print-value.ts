// A value is repeated so that it is recognised, not to be read in full.
const printedCharactersMax = 60;

/** A value of a file for a message: what kind it is and how it was written. Passwords in URLs are left out. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return `the text ${shorten(JSON.stringify(hidePassword(value)))}`;
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) return `the date ${value.toISOString()}`;
  return Array.isArray(value) ? 'a list' : 'a table';
}

function hidePassword(text: string): string {
  return text.replace(/^([\w+.-]+:\/\/)[^/@]*@/, '$1…@');
}

function shorten(text: string): string {
  return text.length <= printedCharactersMax ? text : `${text.slice(0, printedCharactersMax)}…`;
}
