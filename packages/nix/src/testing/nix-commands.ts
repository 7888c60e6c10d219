import { execFile } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { PrivateDaemon } from './private-daemon.ts';

/** Far more than any test has printed. */
const longestOutputInBytes = 64 * 1024 * 1024;

/** Runs a program to its end, and gives what it printed. Rejects where it fails. */
export type RunCommand = (
  program: string,
  parameters: readonly string[],
  input?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
) => Promise<Buffer>;

/** Runs Nix's commands as clients of this daemon, of the same version. */
export function nixCommandsOf({ environment: env }: PrivateDaemon): RunCommand {
  return async (program, parameters, input = []) => {
    const running = promisify(execFile)(program, parameters, {
      env,
      encoding: 'buffer',
      maxBuffer: longestOutputInBytes,
    });
    const { stdin } = running.child;
    if (stdin === null) throw new Error(`${program} has no standard input`);
    const [{ stdout }] = await Promise.all([running, pipeline(Readable.from(input), stdin)]);
    return stdout;
  };
}

/** What a command printed, line by line. */
export function linesOf(output: Buffer): string[] {
  return output.toString().trimEnd().split('\n');
}
