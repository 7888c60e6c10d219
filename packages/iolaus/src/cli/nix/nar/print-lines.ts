import { fromUtf8 } from '@iolaus/nix';
import type { NarListing } from '@iolaus/nix';

type Form = {
  readonly long: boolean;
  readonly recursive: boolean;
  /** A directory itself instead of what is in it. */
  readonly directory: boolean;
};

const sizeInCharacters = 20;

/** Lines as `nix nar ls` prints them. Names are bytes, and are printed as they are. */
export function printLines(listing: NarListing, name: string, form: Form): Buffer {
  const lines: string[] = [];
  if (listing.type === 'directory' && !form.directory) addEntries(listing, '.', form, lines);
  else lines.push(printLine(listing, listing.type === 'directory' ? '.' : fromUtf8(name), form));
  return Buffer.from(lines.join(''), 'latin1');
}

function addEntries(
  directory: Extract<NarListing, { type: 'directory' }>,
  path: string,
  form: Form,
  lines: string[],
): void {
  for (const [name, entry] of directory.entries) {
    const below = `${path}/${name}`;
    lines.push(printLine(entry, below, form));
    if (form.recursive && entry.type === 'directory') addEntries(entry, below, form, lines);
  }
}

function printLine(listing: NarListing, path: string, { long }: Form): string {
  if (!long) return `${path}\n`;
  const size = String(listing.type === 'regular' ? listing.size : 0).padStart(sizeInCharacters);
  const target = listing.type === 'symlink' ? ` -> ${listing.target}` : '';
  return `${printMode(listing)} ${size} ${path}${target}\n`;
}

function printMode(listing: NarListing): string {
  if (listing.type === 'directory') return 'dr-xr-xr-x';
  if (listing.type === 'symlink') return 'lrwxrwxrwx';
  return listing.executable ? '-r-xr-xr-x' : '-r--r--r--';
}
