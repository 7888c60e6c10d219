import { NixFormatError, createHasher, equalHashes } from '@iolaus/nix';
import type { AttemptUuid } from '../../protocol/identity.ts';
import { CallError } from '../../protocol/call-error.ts';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import type { Attempts, LiveAttempt } from '../attempts/attempts.ts';
import { insistOnOwner } from '../attempts/own-attempt.ts';
import type { SpeaksFor } from '../attempts/own-attempt.ts';
import { readUntil } from './read-until.ts';
import { findWanted } from './wanted-paths.ts';
import type { WantedPath, WantedSources } from './wanted-paths.ts';

type CheckOptions = WantedSources & {
  readonly attempts: Attempts;
  readonly speaksFor: SpeaksFor;
  /** Aborted when the attempt is over: nothing more is read. */
  readonly over?: AbortSignal | undefined;
};

/**
 * What a builder hands over, looked at on its way into the store. The daemon would refuse an archive that is not what its
 * hash says, too, but in words that are its own.
 * @throws CallError for paths that nobody wants
 */
export async function checkPaths(
  paths: IncomingPaths,
  { attempts, speaksFor, over, ...sources }: CheckOptions,
): Promise<IncomingPaths> {
  const { attempt, infos } = paths;
  const { refusals } = sources;
  const owners = attemptsOf(attempt, attempts, speaksFor);
  for (const live of owners) insistOnOwner(live, speaksFor, refusals);
  // Nothing of an attempt that is over comes beside what the next one makes.
  const insistOnAnOwner = (): void => {
    if (owners.some((live) => attempts.byUuid(live.uuid) === live)) return;
    throw refusals.refuse('unwanted-paths', 'what it belongs to is not being built');
  };
  insistOnAnOwner();
  const wanted = await findWanted(infos, owners, sources);
  return {
    attempt,
    infos,
    importEach: async (importPath) => {
      try {
        await paths.importEach(async ({ path }, nar) => {
          insistOnAnOwner();
          const found = wanted.get(path);
          const pieces = over === undefined ? nar : readUntil(over, nar);
          if (found !== undefined) await importPath(found.info, checkArchive(found, pieces));
        });
      } catch (error) {
        if (error instanceof FalseHash) throw refusals.refuse('false-hash', error.message);
        if (isMalformed(error) && !refusals.isTold(error))
          throw refusals.refuse('malformed-archives', error.message);
        throw error;
      }
    },
  };
}

/** Those that it may be handed over for. Builders that are not ours do not say for which. */
function attemptsOf(
  attempt: AttemptUuid | null,
  attempts: Attempts,
  speaksFor: SpeaksFor,
): readonly LiveAttempt[] {
  const mayBeMeant = (live: LiveAttempt): boolean => !live.isGranted && speaksFor(live.builder);
  if (attempt === null) return attempts.values().filter(mayBeMeant).toArray();
  const live = attempts.byUuid(attempt);
  return live === undefined ? [] : [live];
}

/** Broken off, too long, damaged: whatever the stream itself is refused for. */
const isMalformed = (error: unknown): error is Error =>
  error instanceof NixFormatError ||
  (error instanceof CallError && error.status === 'invalid-argument');

class FalseHash extends Error {}

async function* checkArchive(
  { info: { path, narHash }, check }: WantedPath,
  nar: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const hasher = createHasher(narHash.algorithm);
  for await (const piece of nar) {
    hasher.update(piece);
    check?.update(piece);
    yield piece;
  }
  if (!equalHashes(hasher.finish(), narHash))
    throw new FalseHash(`the archive of ${path} is not what its hash says`);
  const flaw = check?.flaw() ?? null;
  if (flaw !== null) throw new FalseHash(`${path}: ${flaw}`);
}
