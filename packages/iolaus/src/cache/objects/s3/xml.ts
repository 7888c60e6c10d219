/** The text of the first element of that name. S3's answers are flat enough not to need more. */
export function readElement(xml: string, name: string): string | null {
  return readElements(xml, name)[0] ?? null;
}

/** The texts, or inner XML, of all elements of that name; they do not nest. */
export function readElements(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g');
  return [...xml.matchAll(pattern)].map(([, text = '']) => unescape(text));
}

/** The word for what went wrong, of an answer that tells of an error; null of one that does not, whatever its status. */
export function errorCode(xml: string): string | null {
  return /^(<\?xml[^>]*>)?\s*<Error>/.test(xml) ? (readElement(xml, 'Code') ?? '') : null;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescape(text: string): string {
  return text.includes('<')
    ? text
    : text.replaceAll(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
        if (!name.startsWith('#')) return entities[name] ?? whole;
        const code = name.startsWith('#x') ? parseInt(name.slice(2), 16) : Number(name.slice(1));
        return String.fromCodePoint(code);
      });
}

/** For text between tags. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
