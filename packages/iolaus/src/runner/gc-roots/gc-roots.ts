import { mkdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DaemonPool, printStorePath } from '@iolaus/nix';
import type { DaemonAddress, StorePath } from '@iolaus/nix';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { FoundResults } from '../store/found-results.ts';

/** Keeps outputs from being collected as garbage. */
export type GcRoots = {
  /** Resolves when they are safe, or when it was said that they are not: nothing fails for the lack of a root. */
  keep(paths: Iterable<StorePath>): Promise<void>;
};

export const noRoots: GcRoots = { keep: async () => {} };

/**
 * A link for each output, named like it, as Hydra's runner makes them (`rootsDir`). Nix finds those below its own
 * `gcroots` by itself, and is told of others.
 */
export function openGcRoots(options: {
  /** Asked each time; null: nothing is kept. */
  readonly directory: () => string | null;
  readonly daemon: DaemonAddress;
  /** Nix's own folder. */
  readonly stateDirectory: string;
  readonly logger: Logger;
}): GcRoots & AsyncDisposable {
  const { daemon, logger } = options;
  // A link is told in a moment, and the pool is used only where links lie elsewhere.
  const pool = new DaemonPool(daemon, { limit: 1 });
  const complained = new Set<string>();

  const root = async (path: StorePath, directory: string): Promise<void> => {
    const link = join(directory, path);
    const isNew = await makeLink(printStorePath(daemon.storeDirectory, path), link);
    if (!isNew || isBelow(join(options.stateDirectory, 'gcroots'), directory)) return;
    await pool.use((connection) => connection.addIndirectRoot(link));
  };

  return {
    keep: async (paths) => {
      const directory = options.directory();
      if (directory === null) return;
      try {
        for (const path of paths) await root(path, directory);
      } catch (error) {
        if (!complained.has(directory)) {
          const reason = { directory, error: describeError(error) };
          logger.warn(reason, 'outputs are not kept from garbage collection');
        }
        complained.add(directory);
      }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

/** The same results; what they are about is kept. */
export function keepFound(results: FoundResults, roots: GcRoots): FoundResults {
  return {
    read: async (derivation) => {
      const result = await results.read(derivation);
      await roots.keep([...result.outputs.values()].map(({ path }) => path));
      return result;
    },
  };
}

/** False where it was there: its name says what it leads to. */
async function makeLink(target: string, link: string): Promise<boolean> {
  try {
    await symlink(target, link);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(join(link, '..'), { recursive: true });
    await symlink(target, link);
    return true;
  }
}

const isBelow = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..');

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
