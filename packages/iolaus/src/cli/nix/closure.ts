import { DaemonConnection, daemonAddressFromEnvironment, printStorePath } from '@iolaus/nix';
import type { PathInfo, StoreDirectory, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { storeArgument } from './store-argument.ts';

const help = `iolaus nix closure [--reverse] [--size] [--json] PATH...

Prints the paths and all that they refer to, one a line, as \`nix-store -qR\` does: each after its references, and in the
same order. PATH is a store path, a file in one, or a link to one; a .drv file means itself.

  --reverse    each before its references
  --size       the size of each archive in bytes, a tab, and the path; and at the end the sum, and "total"
  --json       an array of objects: path, narSize, references

Status 1 if a path is not valid.`;

/** What `nix-store --query --requisites` does. */
export const closureCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('nix closure', parameters, {
      reverse: { type: 'boolean', default: false },
      size: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    if (positionals.length === 0)
      throw new Fault('bad-usage', 'iolaus nix closure takes at least one path', {
        remedy: 'Give a store path, or a link to one.',
      });
    const address = daemonAddressFromEnvironment(process.env);
    const directory = address.storeDirectory;
    const roots = await Promise.all(positionals.map((text) => storeArgument(directory, text)));
    await using daemon = await DaemonConnection.connect(address);
    const closure = await daemon.queryClosure(roots);
    assertValid(directory, roots, closure);
    if (values.reverse) closure.reverse();
    process.stdout.write(print(directory, closure, values));
    return 0;
  },
};

function assertValid(
  directory: StoreDirectory,
  roots: readonly StorePath[],
  closure: readonly PathInfo[],
): void {
  const valid = new Set(closure.map(({ path }) => path));
  const missing = roots.find((root) => !valid.has(root));
  if (missing !== undefined)
    throw new Fault('daemon-failed', `path '${printStorePath(directory, missing)}' is not valid`);
}

function print(
  directory: StoreDirectory,
  closure: readonly PathInfo[],
  { size, json }: { readonly size: boolean; readonly json: boolean },
): string {
  const full = (path: StorePath) => printStorePath(directory, path);
  if (json) {
    const objects = closure.map(({ path, narSize, references }) => ({
      path: full(path),
      narSize,
      references: references.map(full),
    }));
    return `${JSON.stringify(objects)}\n`;
  }
  const lines = closure.map(({ path, narSize }) =>
    size ? `${narSize}\t${full(path)}` : full(path),
  );
  const total = closure.reduce((sum, { narSize }) => sum + narSize, 0);
  return [...lines, ...(size ? [`${total}\ttotal`] : [])].map((line) => `${line}\n`).join('');
}
