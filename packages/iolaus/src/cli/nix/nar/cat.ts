import { readMember } from '@iolaus/nix';
import { parseParameters } from '../../command.ts';
import type { Command } from '../../command.ts';
import { expectArguments, memberPath } from './arguments.ts';
import { openArchive } from './open-archive.ts';
import { writeOut } from './write-out.ts';

const help = `iolaus nix nar cat NAR PATH

Prints the contents of the file at PATH in an archive, as \`nix nar cat\` does. NAR is a file, or - for standard input; it
is read no further than needed. PATH begins with a slash. Symlinks are not followed.

For example: iolaus nix nar cat hello.nar /share/info/hello.info`;

export const catCommand: Command = {
  help,
  async run(parameters) {
    const { positionals } = parseParameters('nix nar cat', parameters, {});
    const [file, path] = expectArguments('nix nar cat', positionals, ['an archive', 'a path']);
    const member = memberPath(path);
    using archive = openArchive(file);
    return await writeOut(readMember(archive.chunks, member));
  },
};
