import { createHasher } from '@iolaus/nix';
import type { PathInfo } from '@iolaus/nix';
import { CallError } from '../../protocol/call-error.ts';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import type { Refusals } from './refusals.ts';

/**
 * What a builder hands over, looked at on its way into the store. The daemon would refuse an archive that is not what its
 * hash says, too, but in words that are its own.
 */
export function checkPaths(paths: IncomingPaths, refusals: Refusals): IncomingPaths {
  return {
    infos: paths.infos,
    importEach: async (importPath) => {
      try {
        await paths.importEach((info, nar) => importPath(info, checkArchive(info, nar)));
      } catch (error) {
        if (error instanceof FalseHash) throw refusals.refuse('false-hash', error.message);
        // Broken off, too long, damaged: whatever the stream itself is refused for.
        if (error instanceof CallError && error.status === 'invalid-argument') {
          throw refusals.refuse('malformed-archives', error.message);
        }
        throw error;
      }
    },
  };
}

class FalseHash extends Error {}

async function* checkArchive(
  { path, narHash }: PathInfo,
  nar: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const hasher = createHasher(narHash.algorithm);
  for await (const piece of nar) {
    hasher.update(piece);
    yield piece;
  }
  if (!Buffer.from(narHash.digest).equals(hasher.finish().digest)) {
    throw new FalseHash(`the archive of ${path} is not what its hash says`);
  }
}
