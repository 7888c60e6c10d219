import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { AttributePath } from './attribute-path.ts';
import { printNixString } from './nix-string.ts';

/** Where a walk begins; `entered`: a set there is wanted itself, whether it says `recurseForDerivations` or not. */
export type StartPath = { readonly path: AttributePath; readonly entered: boolean };

export type WalkRequest = {
  readonly file: string;
  readonly args: readonly (readonly [name: string, expression: string])[];
  readonly argStrings: readonly (readonly [name: string, value: string])[];
  readonly system?: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
};

const jobSchema = z.object({
  name: z.string(),
  system: z.string(),
  drvPath: z.string(),
  outputs: z.record(z.string(), z.string().nullable()),
  meta: z.object({
    description: z.string().nullable(),
    homepage: z.string().nullable(),
    license: z.array(z.string()),
    maintainers: z.array(z.string()),
    schedulingPriority: z.number().nullable(),
    maxSilentSeconds: z.number().nullable(),
    timeoutSeconds: z.number().nullable(),
    isChannel: z.boolean(),
  }),
});
export type FoundJob = z.infer<typeof jobSchema>;

/** What was seen at a path; see `walk.nix`. `failed` is true where Nix's words are yet to be asked for. */
const sightSchema = z.object({
  path: z.array(z.string()),
  attributes: z.array(z.string()).optional(),
  job: jobSchema.optional(),
  skipped: z.literal(true).optional(),
  missing: z.array(z.string()).optional(),
  failed: z.union([z.literal(true), z.string()]).optional(),
});
export type Sight = z.infer<typeof sightSchema>;

/** `failure`: what Nix said when it did not get to the end. */
export type Walk = { readonly sights: readonly Sight[]; readonly failure: string | null };

const walkExpression = readFileSync(new URL('walk.nix', import.meta.url), 'utf8');

// Nix's traces can be long, and their end is what matters.
const messageBytesMax = 64 * 1024;

/** Runs `nix eval` on the file, which puts the derivations that it finds into the store. */
export async function runWalk(
  request: WalkRequest,
  starts: readonly StartPath[],
  { catching }: { readonly catching: boolean },
): Promise<Walk> {
  const tag = `iolaus-${randomUUID()} `;
  const child = spawn('nix', commandLine(request, applied(request, starts, tag, catching)), {
    env: request.environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: request.signal,
    killSignal: 'SIGKILL',
  });
  const sights: Sight[] = [];
  let message = '';
  const ended = once(child, 'close');
  const read = async (): Promise<void> => {
    const mark = `trace: ${tag}`;
    for await (const line of createInterface({ input: child.stderr })) {
      if (line.startsWith(mark))
        sights.push(sightSchema.parse(JSON.parse(line.slice(mark.length))));
      else message = `${message}${line}\n`.slice(-messageBytesMax);
    }
  };
  await Promise.all([ended, read()]);
  return { sights, failure: child.exitCode === 0 ? null : essence(message) };
}

function commandLine(request: WalkRequest, apply: string): string[] {
  return [
    ...['--extra-experimental-features', 'nix-command', 'eval', '--json', '--impure'],
    ...['--file', request.file, '', '--apply', apply],
    ...(request.system === undefined ? [] : ['--option', 'system', request.system]),
    ...request.args.flatMap(([name, expression]) => ['--arg', name, expression]),
    ...request.argStrings.flatMap(([name, value]) => ['--argstr', name, value]),
  ];
}

function applied(
  { args, argStrings }: WalkRequest,
  starts: readonly StartPath[],
  tag: string,
  catching: boolean,
): string {
  const paths = starts.map(
    ({ path, entered }) =>
      `{ path = [ ${path.map(printNixString).join(' ')} ]; entered = ${entered}; }`,
  );
  const given = [
    ...args.map(([name, expression]) => `${printNixString(name)} = (${expression}\n);`),
    ...argStrings.map(([name, value]) => `${printNixString(name)} = ${printNixString(value)};`),
  ];
  return `(${walkExpression}) {
    paths = [ ${paths.join(' ')} ];
    tag = ${printNixString(tag)};
    catch = ${catching};
    arguments = { ${given.join(' ')} };
  }`;
}

/** What Nix says is wrong, without colours and without the way there. */
function essence(message: string): string {
  const text = stripVTControlCharacters(message)
    .replace(/^\(use '--show-trace' .*\)$/m, '')
    .trim();
  const last = text.lastIndexOf('error: ');
  const found = (last === -1 ? text : text.slice(last + 'error: '.length)).trim();
  return found === '' ? 'Nix ended without a word' : found;
}
