import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Fault } from '../../fault/fault.ts';
import { openProgramOutput } from './program-output.ts';
import { through } from './through.ts';
import type { Chunks } from './through.ts';

/** What a program says of itself when it fails is short. */
const complaintCharactersMax = 1_000;

/**
 * Sends a stream through a program that reads and writes.
 * @param options `reuseBuffer`: each piece is good only until the next is asked for, which saves memory
 * @throws Fault `child-failed` unless it ends well
 */
export async function* throughProgram(
  program: string,
  parameters: readonly string[],
  source: Chunks,
  { reuseBuffer = false }: { readonly reuseBuffer?: boolean } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const output = await openProgramOutput();
  const child = spawn(program, parameters, { stdio: ['pipe', output.end, 'pipe'] });
  output.end.destroy();
  const closed: Promise<unknown> = once(child, 'close');
  closed.catch(() => {});
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(0, complaintCharactersMax);
  });
  const failure = (cause: unknown): Fault => {
    const how = child.pid === undefined ? 'could not be started' : `failed: ${complaint.trim()}`;
    const remedy = `Is ${program} on the PATH?`;
    return new Fault('child-failed', `${program} ${how}`, { remedy, cause });
  };
  let endedByUs = true;
  try {
    for await (const piece of through(source, child.stdin, output))
      yield reuseBuffer ? piece : Buffer.from(piece);
    await closed;
    endedByUs = false;
  } catch (error) {
    // Whoever stops reading breaks our pipe; what the program said explains that.
    if (child.exitCode === null && child.pid !== undefined && complaint === '') throw error;
    throw complaint === '' && child.pid !== undefined ? error : failure(error);
  } finally {
    if (endedByUs) child.kill('SIGKILL');
    await closed.catch(() => {});
  }
  if (child.exitCode !== 0) throw failure(undefined);
}

/** Whether there is such a program on the PATH. */
export function hasProgram(program: string): boolean {
  let found = known.get(program);
  if (found === undefined) {
    const folders = (process.env['PATH'] ?? '').split(delimiter);
    found = folders.some((folder) => isExecutable(join(folder, program)));
    known.set(program, found);
  }
  return found;
}

const known = new Map<string, boolean>();

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
