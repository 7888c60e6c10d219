import { findMember, listNar, printListing } from '@iolaus/nix';
import type { ListingDialect, NarListing } from '@iolaus/nix';
import { Fault } from '../../../fault/fault.ts';
import { parseParameters } from '../../command.ts';
import type { Command } from '../../command.ts';
import { expectArguments, memberPath } from './arguments.ts';
import { openArchive } from './open-archive.ts';
import { printLines } from './print-lines.ts';

const help = `iolaus nix nar ls [-l] [-R] [-d] [--json [--format VERSION]] NAR PATH

Lists what is at PATH in an archive, as \`nix nar ls\` does. NAR is a file, or - for standard input; PATH begins with a
slash, which alone is the root.

  -l, --long         with kind, size and target
  -R, --recursive    also what is in the directories
  -d, --directory    a directory itself, not what is in it
  --json             as JSON; with -R, what caches keep as the root of a .ls file
  --format VERSION   JSON as the first version of Nix that prints it so: 2.8, 2.34, 2.35 (the newest)

For example: iolaus nix nar ls -lR hello.nar /bin`;

const formats: readonly ListingDialect[] = ['2.8', '2.34', '2.35'];

export const lsCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('nix nar ls', parameters, {
      long: { type: 'boolean', short: 'l', default: false },
      recursive: { type: 'boolean', short: 'R', default: false },
      directory: { type: 'boolean', short: 'd', default: false },
      json: { type: 'boolean', default: false },
      format: { type: 'string', default: '2.35' },
    });
    const [file, path] = expectArguments('nix nar ls', positionals, ['an archive', 'a path']);
    const dialect = parseFormat(values.format);
    if (values.json && values.directory)
      throw new Fault('bad-usage', '--directory means nothing with --json', {
        remedy: 'JSON without -R tells no more than the names in a directory.',
      });
    const member = await find(file, memberPath(path));
    if (values.json) {
      const json = printListing(member, { dialect, recursive: values.recursive });
      process.stdout.write(Buffer.concat([json, Buffer.from('\n')]));
      return 0;
    }
    process.stdout.write(printLines(member, lastName(path), values));
    return 0;
  },
};

function parseFormat(text: string): ListingDialect {
  const format = formats.find((known) => known === text);
  if (format !== undefined) return format;
  throw new Fault('bad-usage', `--format is '${text}', which is no format`, {
    remedy: `There are ${formats.join(', ')}.`,
  });
}

async function find(file: string, path: string): Promise<NarListing> {
  using archive = openArchive(file);
  const member = findMember(await listNar(archive.chunks), path);
  if (member !== null) return member;
  throw new Fault('bad-tree', `there is no ${path} in ${file}`, {
    remedy: `\`iolaus nix nar ls -R ${file} /\` lists what there is.`,
  });
}

function lastName(path: string): string {
  return path.split('/').findLast((name) => name !== '') ?? '';
}
