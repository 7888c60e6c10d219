import { createHasher, equalHashes, NarParser, storePathDigest } from '@iolaus/nix';
import type { ContentAddress, StorePath } from '@iolaus/nix';

/** Watches an archive pass by of which something has to be true. */
export type ContentCheck = {
  update(chunk: Uint8Array): void;
  /** At the end: what is wrong with it, in words that follow its path; null: nothing. */
  flaw(): string | null;
};

const otherContents = 'its contents are not what its path says';

/**
 * Of what is addressed by its contents: the path says what these are.
 * @param self the path, where it refers to itself: its own digest is left out of its hash
 */
export function contentCheck(address: ContentAddress, self: StorePath | null): ContentCheck {
  if (address.method === 'nar')
    return self === null ? wholeArchive(address) : withoutOwnDigest(address, self);
  // Nothing here computes the hash of a tree.
  return address.method === 'git'
    ? { update: () => {}, flaw: () => otherContents }
    : onlyFile(address);
}

function wholeArchive({ hash }: ContentAddress): ContentCheck {
  const hasher = createHasher(hash.algorithm);
  return {
    update: (chunk) => hasher.update(chunk),
    flaw: () => (equalHashes(hasher.finish(), hash) ? null : otherContents),
  };
}

/** The contents of the only file of the archive. */
function onlyFile({ hash }: ContentAddress): ContentCheck {
  const hasher = createHasher(hash.algorithm);
  const parser = new NarParser();
  let isFile = true;
  return {
    update: (chunk) => {
      for (const event of parser.push(chunk))
        if (event.type === 'contents') hasher.update(event.bytes);
        else isFile &&= event.type === 'regular';
    },
    flaw: () => (isFile && equalHashes(hasher.finish(), hash) ? null : otherContents),
  };
}

/** Nix's way: zeros instead of each digest, and behind all of it `|` and where it stood. */
function withoutOwnDigest({ hash }: ContentAddress, self: StorePath): ContentCheck {
  const hasher = createHasher(hash.algorithm);
  const digest = Buffer.from(storePathDigest(self), 'latin1');
  const zeros = Buffer.alloc(digest.length);
  const places: number[] = [];
  /** What may be the beginning of a digest that goes on in the next chunk, and where it stands. */
  let rest = Buffer.alloc(0);
  let offset = 0;
  const pass = (bytes: Buffer): void => {
    hasher.update(bytes);
    offset += bytes.length;
  };
  return {
    update: (chunk) => {
      let bytes = Buffer.concat([rest, chunk]);
      for (let at = bytes.indexOf(digest); at >= 0; at = bytes.indexOf(digest)) {
        pass(bytes.subarray(0, at));
        places.push(offset);
        pass(zeros);
        bytes = bytes.subarray(at + digest.length);
      }
      const kept = Math.min(bytes.length, digest.length - 1);
      pass(bytes.subarray(0, bytes.length - kept));
      rest = Buffer.from(bytes.subarray(bytes.length - kept));
    },
    flaw: () => {
      pass(rest);
      for (const place of places) hasher.update(Buffer.from(`|${place}`));
      return equalHashes(hasher.finish(), hash) ? null : otherContents;
    },
  };
}

/** All of them. */
export function everyCheck(checks: readonly ContentCheck[]): ContentCheck {
  return {
    update: (chunk) => {
      for (const check of checks) check.update(chunk);
    },
    flaw: () => checks.map((check) => check.flaw()).find((flaw) => flaw !== null) ?? null,
  };
}
