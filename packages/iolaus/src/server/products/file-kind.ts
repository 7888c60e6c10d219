import { extname } from 'node:path';

export type FileKind = {
  readonly contentType: string;
  readonly isText: boolean;
  /** Whether a browser shows it, rather than saving it. */
  readonly isShown: boolean;
};

const text = (type: string): FileKind => ({
  contentType: `${type}; charset=utf-8`,
  isText: true,
  isShown: true,
});
const shown = (type: string): FileKind => ({ contentType: type, isText: false, isShown: true });

const saved: FileKind = { contentType: 'application/octet-stream', isText: false, isShown: false };

const kinds: Readonly<Record<string, FileKind>> = {
  '.html': text('text/html'),
  '.htm': text('text/html'),
  '.css': text('text/css'),
  '.txt': text('text/plain'),
  '.log': text('text/plain'),
  '.md': text('text/plain'),
  '.nix': text('text/plain'),
  '.drv': text('text/plain'),
  '.json': text('application/json'),
  '.xml': text('text/xml'),
  '.csv': text('text/csv'),
  '.svg': text('image/svg+xml'),
  '.png': shown('image/png'),
  '.jpg': shown('image/jpeg'),
  '.jpeg': shown('image/jpeg'),
  '.gif': shown('image/gif'),
  '.webp': shown('image/webp'),
  '.ico': shown('image/vnd.microsoft.icon'),
  '.pdf': shown('application/pdf'),
  '.woff': shown('font/woff'),
  '.woff2': shown('font/woff2'),
};

/** What to say of a file when it is sent, by its name alone: nobody trusts its content. */
export function describeFile(name: string): FileKind {
  const extension = extname(name).toLowerCase();
  if (extension === '' && /^(README|LICENSE|COPYING|NEWS|CHANGELOG)/i.test(name))
    return text('text/plain');
  return kinds[extension] ?? saved;
}
