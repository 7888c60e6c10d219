import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { NixFormatError, parseBaseName } from '@iolaus/nix';
import { every } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Queryable } from '../../database/connection/connection.ts';
import { listKeptOutputs } from '../../database/reads/list-kept-outputs.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';

const dayMilliseconds = 86_400_000;

/**
 * Removes the links to outputs that nobody wants any more, as `hydra-update-gc-roots` does: not those of the last day, whose
 * builds may not be recorded yet, and none to derivations, which are the evaluator's.
 * @param before milliseconds since the epoch
 * @returns how many were removed
 */
export async function pruneGcRoots(
  directory: string,
  kept: ReadonlySet<string>,
  before: number,
): Promise<number> {
  let removed = 0;
  for (const name of await readdir(directory)) {
    if (kept.has(name) || !isOutput(name)) continue;
    const link = join(directory, name);
    const stats = await lstat(link);
    if (!stats.isSymbolicLink() || stats.ctimeMs >= before) continue;
    await unlink(link);
    removed += 1;
  }
  return removed;
}

/** Once a day. Disposing ends it. */
export function pruneGcRootsDaily(options: {
  /** Asked each time; null: there are none. */
  readonly directory: () => string | null;
  readonly database: Queryable;
  readonly clock: Clock;
  readonly logger: Logger;
}): Disposable {
  const { database, clock, logger } = options;
  const prune = async (): Promise<void> => {
    const directory = options.directory();
    if (directory === null) return;
    try {
      const now = clock.now();
      const kept = new Set(await listKeptOutputs(database, Math.floor(now / 1_000)));
      const count = await pruneGcRoots(directory, kept, now - dayMilliseconds);
      if (count > 0)
        logger.info({ count }, 'outputs that nobody wants any more are kept no longer');
    } catch (error) {
      logger.warn({ directory, error: describeError(error) }, 'roots could not be looked through');
    }
  };
  const stop = every(clock, dayMilliseconds, () => void prune());
  return { [Symbol.dispose]: stop };
}

function isOutput(name: string): boolean {
  try {
    return !parseBaseName(name).endsWith('.drv');
  } catch (error) {
    if (error instanceof NixFormatError) return false;
    throw error;
  }
}
