import type { ByteString } from '../byte-string.ts';
import { quote } from '../format-error.ts';
import { JsonReader } from '../json/json-reader.ts';
import { parseJson } from '../json/parse-json.ts';
import { sortedEntries } from '../sorted-entries.ts';
import { deepestNesting, isEntryName, isTarget } from './limits.ts';
import type { NarListing } from './listing.ts';

const knownVersion = 1;

/**
 * Reads what `nix nar ls --json --recursive` prints, of any version.
 * @throws NixFormatError that names field and byte, also for what no archive can hold
 */
export function parseListing(json: Uint8Array): NarListing {
  return readNode(new JsonReader(parseJson(json)));
}

/**
 * Reads the `.ls` file of a cache, decompressed, as any version of Nix writes it.
 * @throws NixFormatError as `parseListing` does
 */
export function parseListingFile(json: Uint8Array): NarListing {
  const reader = new JsonReader(parseJson(json));
  const version = reader.member('version');
  if (version.count() !== knownVersion)
    version.fail(`listings are read in version ${knownVersion}`);
  return readNode(reader.member('root'));
}

function readNode(reader: JsonReader, depth = 0): NarListing {
  const type = reader.member('type');
  switch (type.text()) {
    case 'regular':
      return {
        type: 'regular',
        size: reader.member('size').count(),
        executable: reader.optional('executable')?.boolean() ?? false,
        narOffset: reader.member('narOffset').count(),
      };
    case 'symlink':
      return { type: 'symlink', target: readTarget(reader.member('target')) };
    case 'directory':
      if (depth === deepestNesting)
        reader.fail(`a directory is nested deeper than ${deepestNesting}`);
      return { type: 'directory', entries: readEntries(reader.member('entries'), depth + 1) };
    default:
      return type.fail(`${quote(type.text())} is no type of node`);
  }
}

function readEntries(reader: JsonReader, depth: number): Map<ByteString, NarListing> {
  const entries = reader.entries().map(([name, entry]) => {
    if (!isEntryName(name)) entry.fail(`nothing can have the name ${quote(name)}`);
    return [name, readNode(entry, depth)] as const;
  });
  return new Map(sortedEntries(entries));
}

function readTarget(reader: JsonReader): ByteString {
  const target = reader.bytes();
  return isTarget(target) ? target : reader.fail(`a symlink leads to ${quote(target)}`);
}
