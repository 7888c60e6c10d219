import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Fault } from '../../fault/fault.ts';

/** How far a walk has come, and what it found. */
export type WalkState<Finding> = {
  /** What walk it is: of which cache, with which options. */
  readonly walk: string;
  readonly after: string | null;
  readonly count: number;
  readonly findings: readonly Finding[];
};

export type WalkFile<Finding> = {
  /** Where it goes on. */
  readonly start: WalkState<Finding>;
  save(state: WalkState<Finding>): Promise<void>;
  /** The walk has come to its end. */
  finish(): Promise<void>;
};

/** A file by which a walk can go on that was broken off; without a name nothing is kept. @throws Fault if it is of another */
export async function openWalkFile<Finding>(
  walk: string,
  file: string | undefined,
): Promise<WalkFile<Finding>> {
  const start: WalkState<Finding> = { walk, after: null, count: 0, findings: [] };
  if (file === undefined)
    return { start, save: () => Promise.resolve(), finish: () => Promise.resolve() };
  return {
    start: (await readState<Finding>(walk, file)) ?? start,
    save: async (state) => {
      await writeFile(`${file}.new`, JSON.stringify(state));
      await rename(`${file}.new`, file);
    },
    finish: () => rm(file, { force: true }),
  };
}

async function readState<Finding>(walk: string, file: string): Promise<WalkState<Finding> | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    // Ours, from an earlier call of the same command.
    const state: WalkState<Finding> = JSON.parse(text);
    if (state.walk === walk && Array.isArray(state.findings)) return state;
  } catch (cause) {
    throw notOurs(walk, file, cause);
  }
  throw notOurs(walk, file, undefined);
}

const notOurs = (walk: string, file: string, cause: unknown): Fault =>
  new Fault('bad-usage', `${file} does not say where to go on with ${walk}`, {
    remedy: 'Remove it, or name another file with --resume.',
    cause,
  });
