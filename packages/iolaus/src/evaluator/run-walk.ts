import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Fault } from '../fault/fault.ts';
import { dyingWithParent } from '../setup/die-with-parent.ts';
import type { Visit } from './agenda.ts';
import { boundedLines } from './bounded-lines.ts';
import { essentialMessage } from './nix-message.ts';
import { printNixString } from './nix-string.ts';
import { parseWalkRecord } from './walk-record.ts';
import type { WalkRecord } from './walk-record.ts';

export type WalkRequest = {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly (readonly [name: string, expression: string])[];
  readonly argStrings: readonly (readonly [name: string, value: string])[];
  readonly system?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
};

/**
 * How a process ended. `exhausted`: it was killed or out of memory or stack, for which the path that it was at need not be
 * to blame.
 */
export type WalkEnd =
  | { readonly type: 'finished' }
  | { readonly type: 'failed' | 'exhausted'; readonly message: string };

const walkExpression = readFileSync(new URL('walk.nix', import.meta.url), 'utf8');

const evaluate = ['--extra-experimental-features', 'nix-command', 'eval', '--impure', '--json'];
// As `setpriv` and shells have it.
const commandNotFound = 127;
// Each job takes some hundred kilobytes that are given back only at the end; with this many a process stays below a gigabyte or two.
const recordsMax = 4_000;
// What Hydra allows an evaluation. Nix's garbage collector obeys it.
const heapBytesMax = 4 * 1024 ** 3;
// The names of a set come in one line: all of nixpkgs, with its Haskell and Python sets, stays below a megabyte.
const lineBytesMax = 16 * 1024 * 1024;
// Nix's traces can be long, and their end is what matters.
const messageCharactersMax = 64 * 1024;

/** Runs `nix eval` on the file; derivations that it tells of are in the store. Its records are told in order. */
export async function runWalk(
  request: WalkRequest,
  visits: readonly Visit[],
  { catching }: { readonly catching: boolean },
  tell: (record: WalkRecord) => Promise<void>,
): Promise<WalkEnd> {
  const tag = `iolaus-${randomUUID()} `;
  const child = launch(request, applied(request, visits, tag, catching));
  let failure: unknown;
  child.on('error', (error) => (failure ??= error));
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  child.once('close', () => end());
  try {
    const message = await readRecords(child.stderr, `trace: ${tag}`, tell);
    await ended;
    if (failure !== undefined) throw explainStart(failure);
    if (child.exitCode === commandNotFound) throw noNix();
    return describeEnd(child, message);
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    throw error;
  }
}

function launch(request: WalkRequest, apply: string): ChildProcessByStdio<null, null, Readable> {
  const system = request.system === undefined ? [] : ['--option', 'system', request.system];
  const [program, ...parameters] = dyingWithParent(
    ['nix', ...evaluate, ...system, '--file', request.file, '', '--apply', apply],
    'KILL',
  );
  return spawn(program, parameters, {
    env: { GC_MAXIMUM_HEAP_SIZE: `${heapBytesMax}`, ...process.env, ...request.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    // Nix looks for interrupts only now and then; it has nothing to put in order.
    killSignal: 'SIGKILL',
  });
}

/** Returns the end of what else was printed. */
async function readRecords(
  stream: AsyncIterable<Buffer>,
  mark: string,
  tell: (record: WalkRecord) => Promise<void>,
): Promise<string> {
  let message = '';
  for await (const line of boundedLines(stream, lineBytesMax)) {
    if (line.startsWith(mark)) await tell(parseWalkRecord(line.slice(mark.length)));
    else message = `${message}${line}\n`.slice(-messageCharactersMax);
  }
  return message;
}

function describeEnd(
  child: Pick<ChildProcessByStdio<null, null, Readable>, 'exitCode' | 'signalCode'>,
  printed: string,
): WalkEnd {
  if (child.exitCode === 0) return { type: 'finished' };
  const message = essentialMessage(printed);
  if (child.signalCode !== null) {
    return { type: 'exhausted', message: `Nix was ended by ${child.signalCode}` };
  }
  const isExhausted = /^(?:out of memory|stack overflow)/.test(message);
  return {
    type: isExhausted ? 'exhausted' : 'failed',
    message: message === '' ? `Nix ended with status ${child.exitCode} without an error` : message,
  };
}

function explainStart(cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) return cause;
  return noNix();
}

function noNix(): Fault {
  return new Fault('no-nix', 'there is no program `nix` on the PATH', {
    remedy: 'Install Nix, or have the folder of its programs on the PATH.',
  });
}

function applied(
  { args, argStrings }: WalkRequest,
  visits: readonly Visit[],
  tag: string,
  catching: boolean,
): string {
  const given = [
    // On lines of their own, since an expression may end with a comment.
    ...args.map(([name, expression]) => `${printNixString(name)} = (${expression}\n);`),
    ...argStrings.map(([name, value]) => `${printNixString(name)} = ${printNixString(value)};`),
  ];
  return `(${walkExpression}) {
    tag = ${printNixString(tag)};
    paths = builtins.fromJSON ${printNixString(JSON.stringify(visits))};
    arguments = { ${given.join(' ')} };
    recordsMax = ${recordsMax};
    catch = ${catching};
  }`;
}
