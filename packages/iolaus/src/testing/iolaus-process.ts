import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startProgram } from './child-program.ts';
import type { ChildProgram, Ending, RunOptions } from './child-program.ts';

export type { Ending, RunOptions };

const program = fileURLToPath(new URL('../../bin/iolaus.js', import.meta.url));

/** Without a daemon of this machine, so that every test has a store of its own. */
const ownStore = { NIX_REMOTE: '', NIX_DAEMON_SOCKET_PATH: '', NIX_STATE_DIR: '/nonexistent' };

/** `iolaus` as a process. */
export type IolausProcess = ChildProgram;

export function startIolaus(
  parameters: readonly string[],
  options: RunOptions = {},
): IolausProcess {
  return startProgram([process.execPath, program, ...parameters], {
    ...options,
    environment: { ...ownStore, ...options.environment },
  });
}

/** Runs `iolaus` to its end. */
export async function runIolaus(
  parameters: readonly string[],
  options: RunOptions = {},
): Promise<Ending> {
  const end = await startIolaus(parameters, options).ended;
  assert.equal(end.signal, null, `it took too long: ${end.stderr}`);
  return end;
}
