import { dumpNar } from '@iolaus/nix';
import { Fault } from '../../../fault/fault.ts';
import { parseParameters } from '../../command.ts';
import type { Command } from '../../command.ts';
import { expectArguments } from './arguments.ts';
import { writeOut } from './write-out.ts';

const help = `iolaus nix nar dump PATH > FILE.nar

Prints the archive of a file, symlink or directory, as \`nix-store --dump\` and \`nix nar pack\` do.

For example: iolaus nix nar dump ./result/ | xz > result.nar.xz`;

export const dumpCommand: Command = {
  help,
  async run(parameters) {
    const { positionals } = parseParameters('nix nar dump', parameters, {});
    const [path] = expectArguments('nix nar dump', positionals, ['a path']);
    if (process.stdout.isTTY)
      throw new Fault('bad-usage', 'an archive is not for the eye', {
        remedy: `Send it somewhere: iolaus nix nar dump ${path} > FILE.nar`,
      });
    return writeOut(dumpNar(path, { reuseBuffer: true }));
  },
};
