import { isUtf8 } from 'node:buffer';
import { NixFormatError, quote } from '../format-error.ts';

/** `Key: value`, and where the value begins. */
export type Line = { readonly key: string; readonly value: string; readonly offset: number };

/**
 * Reads lines of `Key: value`. Each must end in a newline, as in Nix, so that none is cut off unseen.
 * @param what is named in errors
 * @throws NixFormatError
 */
export function parseLines(what: string, bytes: Uint8Array, longestInBytes: number): Line[] {
  if (bytes.length > longestInBytes)
    throw new NixFormatError(
      `The ${what} has ${bytes.length} bytes, and at most ${longestInBytes} are read`,
      { offset: longestInBytes, field: what },
    );
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: Line[] = [];
  for (let start = 0; start < buffer.length;) {
    const end = buffer.indexOf('\n', start);
    if (end === -1)
      throw new NixFormatError('The last line has no newline', {
        offset: buffer.length,
        field: what,
      });
    lines.push(parseLine(what, buffer.subarray(start, end), start));
    start = end + 1;
  }
  return lines;
}

function parseLine(what: string, bytes: Buffer, start: number): Line {
  const colon = bytes.indexOf(': ');
  const key = bytes.toString('latin1', 0, Math.max(colon, 0));
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(key))
    throw new NixFormatError(
      `${quote(bytes.toString('latin1'))} is no line of a ${what}: that is a key, a colon, a space and a value`,
      { offset: start, field: what },
    );
  const offset = start + colon + 2;
  const value = bytes.subarray(colon + 2);
  if (!isUtf8(value)) throw new NixFormatError('The value is not UTF-8', { offset, field: key });
  const text = value.toString();
  const control = value.findIndex((byte) => byte < 0x20 || byte === 0x7f);
  if (control !== -1)
    throw new NixFormatError(`${quote(text)} has a control character`, {
      offset: offset + control,
      field: key,
    });
  return { key, value: text, offset };
}
