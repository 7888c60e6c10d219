import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { Fault } from '../fault/fault.ts';

/** One of the things that `iolaus` does. */
export type Command = {
  /** The whole text of `--help`. */
  readonly help: string;
  /** What its first word may be, where there are few that it can. */
  readonly words?: readonly string[];
  /** Whether `-h` asks for it, too; false where Nix has that for something else. */
  readonly shortHelp?: boolean;
  /** Returns the status to end with. */
  run(parameters: readonly string[]): Promise<number>;
};

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true; strict: true }>
>;

/** Parses a command's own options; what does not fit becomes a `bad-usage` fault that names it. */
export function parseParameters<const Options extends ParseArgsOptionsConfig>(
  command: string,
  parameters: readonly string[],
  options: Options,
): Parsed<Options> {
  try {
    return parseArgs({ args: [...parameters], options, allowPositionals: true, strict: true });
  } catch (error) {
    // The first of several sentences says it.
    const sentence = String(error)
      .replace(/^\w+( \[\w+\])?: /, '')
      .split(/\.(?:\s|$)/)[0];
    throw new Fault('bad-usage', `iolaus ${command}: ${sentence}`, {
      remedy: `Its options: ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(' ')}. \`iolaus ${command} --help\` explains them.`,
    });
  }
}

/** A whole number from an option; `minimum` is the least that makes sense. */
export function parseCount(option: string, text: string, minimum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= minimum) return value;
  throw new Fault('bad-usage', `${option} is '${text}', which is not a whole number`, {
    remedy: `Give a number from ${minimum} on.`,
  });
}

/** A TCP port from an option; 0 takes any that is free. */
export function parsePort(option: string, text: string): number {
  const port = parseCount(option, text, 0);
  if (port < 65_536) return port;
  throw new Fault('bad-usage', `${option} is ${text}, which is not a port`, {
    remedy: 'Ports go from 0 (any free one) to 65535.',
  });
}

/** The one thing that a command takes besides options; `what` words it, such as `one build`. */
export function onlyPositional(
  command: string,
  what: string,
  positionals: readonly string[],
  remedy: string,
): string {
  const [first, ...others] = positionals;
  if (first !== undefined && others.length === 0) return first;
  throw new Fault('bad-usage', `iolaus ${command} takes ${what}, not ${positionals.length}`, {
    remedy,
  });
}

/** Commands that take no file names say so. */
export function refusePositionals(command: string, positionals: readonly string[]): void {
  const [first] = positionals;
  if (first === undefined) return;
  throw new Fault('bad-usage', `iolaus ${command} takes options only, not '${first}'`, {
    remedy: `\`iolaus ${command} --help\` lists them.`,
  });
}
