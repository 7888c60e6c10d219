import { createHasher } from '@iolaus/nix';
import type { PathInfo } from '@iolaus/nix';
import { CallError } from '../../protocol/call-error.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import { readUntil } from './read-until.ts';
import type { Refusals } from './refusals.ts';

/**
 * What a builder hands over, looked at on its way into the store. The daemon would refuse an archive that is not what its
 * hash says, too, but in words that are its own.
 */
export function checkPaths(
  paths: IncomingPaths,
  {
    isUnderWay,
    refusals,
    over,
  }: {
    /** Null: any attempt. */
    readonly isUnderWay: (attempt: AttemptUuid | null) => boolean;
    readonly refusals: Refusals;
    /** Aborted when the attempt is over: nothing more is read. */
    readonly over?: AbortSignal;
  },
): IncomingPaths {
  const { attempt, infos } = paths;
  // Nothing of an attempt that is over comes beside what the next one makes.
  const insistOnAttempt = (): void => {
    if (isUnderWay(attempt)) return;
    throw refusals.refuse('unwanted-paths', 'what it belongs to is not being built');
  };
  insistOnAttempt();
  return {
    attempt,
    infos,
    importEach: async (importPath) => {
      try {
        await paths.importEach((info, nar) => {
          insistOnAttempt();
          const pieces = over === undefined ? nar : readUntil(over, nar);
          return importPath(info, checkArchive(info, pieces));
        });
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
