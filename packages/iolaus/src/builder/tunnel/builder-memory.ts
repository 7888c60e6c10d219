import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../fault/fault.ts';
import { parseBuilderUuid } from '../../protocol/identity.ts';
import type { BuilderUuid } from '../../protocol/identity.ts';
import { readKeptResults } from '../attempts/kept-results.ts';
import type { FinishedAttempt } from '../attempts/kept-results.ts';

/** What a builder remembers. */
export type BuilderMemory = Disposable & {
  /** By this name the runner knows it again. */
  readonly builder: BuilderUuid;
  /** Where logs and results are kept that the runner has not got yet. */
  readonly logFolder: string;
  /** What an earlier life has finished. */
  readonly finished: readonly FinishedAttempt[];
};

/**
 * Opens a builder's folder, or makes it. What an earlier life left of attempts that it did not finish is cleared away: they
 * ended with it. Without a folder the memory lasts as long as the process. Throws `Fault('bad-configuration')`.
 */
export function openBuilderMemory(stateDirectory: string | null): BuilderMemory {
  if (stateDirectory === null) return temporaryMemory();
  try {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
    const logFolder = join(stateDirectory, 'attempts');
    mkdirSync(logFolder, { recursive: true });
    const builder = readName(join(stateDirectory, 'name'));
    const finished = readKeptResults(logFolder);
    return { builder, logFolder, finished, [Symbol.dispose]: () => {} };
  } catch (cause) {
    throw new Fault('bad-configuration', `${stateDirectory} cannot be used as a state folder`, {
      remedy: 'Name a folder that the builder may write to.',
      cause,
    });
  }
}

function temporaryMemory(): BuilderMemory {
  const logFolder = mkdtempSync(join(tmpdir(), 'builder-'));
  return {
    builder: newName(),
    logFolder,
    finished: [],
    [Symbol.dispose]: () => rmSync(logFolder, { recursive: true, force: true }),
  };
}

/** Who knows the name may claim the builder's attempts: nobody else may read it. */
function readName(path: string): BuilderUuid {
  const kept = parseBuilderUuid(readIfThere(path).trim());
  if (kept !== null) return kept;
  const made = newName();
  writeFileSync(path, `${made}\n`, { mode: 0o600 });
  return made;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function newName(): BuilderUuid {
  const name = parseBuilderUuid(randomUUID());
  if (name === null) throw new Error('the system made a UUID that is none');
  return name;
}
