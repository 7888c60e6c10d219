import { restoreNar } from '@iolaus/nix';
import { parseParameters } from '../../command.ts';
import type { Command } from '../../command.ts';
import { expectArguments } from './arguments.ts';
import { openArchive } from './open-archive.ts';

const help = `iolaus nix nar restore PATH < FILE.nar

Unpacks an archive from standard input to PATH, which must not exist, as \`nix-store --restore\` does. Nothing outside of
PATH is touched, whatever the archive says. What was unpacked before an error stays.

For example: xz -dc hello.nar.xz | iolaus nix nar restore ./hello`;

export const restoreCommand: Command = {
  help,
  async run(parameters) {
    const { positionals } = parseParameters('nix nar restore', parameters, {});
    const [path] = expectArguments('nix nar restore', positionals, ['a path']);
    using archive = openArchive('-');
    await restoreNar(archive.chunks, path);
    return 0;
  },
};
