import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Fault } from '../fault/fault.ts';
import { essentialMessage } from './nix-message.ts';
import type { WalkRequest } from './run-walk.ts';

const run = promisify(execFile);

/**
 * Parses the expressions given with `--arg`, so that a mistake in one is not told as one in the file.
 * @throws Fault `bad-usage`
 */
export async function checkArguments({ args, environment, signal }: WalkRequest): Promise<void> {
  for (const [name, expression] of args) {
    try {
      await run('nix-instantiate', ['--parse', '--expr', expression], {
        env: { ...process.env, ...environment },
        signal,
      });
    } catch (cause) {
      signal?.throwIfAborted();
      const printed = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : '';
      const message = essentialMessage(printed);
      if (message === '') throw cause;
      throw new Fault('bad-usage', `--arg ${name} is no Nix expression: ${message}`, { cause });
    }
  }
}
