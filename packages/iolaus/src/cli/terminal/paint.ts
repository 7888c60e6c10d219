import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours text for a person's terminal; a pipe, and who sets NO_COLOR, gets it plain. */
export type Paint = (style: Style, text: string) => string;

export function paintFor(stream: NodeJS.WriteStream): Paint {
  const coloured = stream.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  return coloured
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;
}
