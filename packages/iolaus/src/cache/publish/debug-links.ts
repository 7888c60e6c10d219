import { fromUtf8, toUtf8 } from '@iolaus/nix';
import type { NarListing } from '@iolaus/nix';

/** Where a debugger finds the symbols of a program by its build id. */
export type DebugLink = { readonly buildId: string; readonly member: string };

const folder = ['lib', 'debug', '.build-id'];

/** What an archive has under `lib/debug/.build-id/xx/yyyy.debug`. */
export function findDebugLinks(listing: NarListing): DebugLink[] {
  const links: DebugLink[] = [];
  for (const [start, inner] of entries(descend(listing))) {
    if (!/^[0-9a-f]{2}$/.test(start)) continue;
    for (const [name, file] of entries(inner)) {
      const rest = /^([0-9a-f]+)\.debug$/.exec(name)?.[1];
      if (rest === undefined || file.type !== 'regular') continue;
      links.push({ buildId: `${start}${rest}`, member: [...folder, start, name].join('/') });
    }
  }
  return links;
}

/** Hydra's key, and Nix's, which keeps the suffix. */
export function debugLinkKeys({ buildId }: DebugLink): string[] {
  return [`debuginfo/${buildId}`, `debuginfo/${buildId}.debug`];
}

/** @param url of the archive, from the cache's root */
export function printDebugLink(url: string, { member }: DebugLink): Buffer {
  return Buffer.from(JSON.stringify({ archive: `../${url}`, member }));
}

function descend(root: NarListing): NarListing | undefined {
  let found: NarListing | undefined = root;
  for (const name of folder)
    found = found?.type === 'directory' ? found.entries.get(fromUtf8(name)) : undefined;
  return found;
}

function entries(listing: NarListing | undefined): [string, NarListing][] {
  if (listing?.type !== 'directory') return [];
  return [...listing.entries].map(([name, entry]) => [toUtf8(name), entry]);
}
