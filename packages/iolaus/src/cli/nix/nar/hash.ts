import { hashPath, parseHashAlgorithm, printHash } from '@iolaus/nix';
import type { HashAlgorithm, HashFormat } from '@iolaus/nix';
import { NixFormatError } from '@iolaus/nix';
import { Fault } from '../../../fault/fault.ts';
import { parseParameters } from '../../command.ts';
import type { Command } from '../../command.ts';

const help = `iolaus nix nar hash [--type ALGORITHM] [--sri | --base16 | --base32 | --base64] PATH...

Prints the hash that the archive of each PATH has, a line each, as \`nix hash path\` does.

  --type ALGORITHM   sha256 (the default), sha512, sha1, md5, blake3
  --sri              as sha256-<base 64> (the default)
  --base16           as hexadecimal digits, without the algorithm
  --base32           as digits of Nix's own base 32, as in store paths
  --base64           as base 64

For example: iolaus nix nar hash --base32 ./result`;

const formats = {
  sri: 'sri',
  base16: 'base16',
  base32: 'nix32',
  base64: 'base64',
} as const satisfies Record<string, HashFormat>;

export const hashCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('nix nar hash', parameters, {
      type: { type: 'string', default: 'sha256' },
      sri: { type: 'boolean', default: false },
      base16: { type: 'boolean', default: false },
      base32: { type: 'boolean', default: false },
      base64: { type: 'boolean', default: false },
    });
    if (positionals.length === 0)
      throw new Fault('bad-usage', 'iolaus nix nar hash takes at least one path', {
        remedy: 'Give a file or a directory.',
      });
    const algorithm = parseType(values.type);
    const format = chooseFormat(values);
    for (const path of positionals)
      console.log(printHash((await hashPath(path, algorithm)).hash, format));
    return 0;
  },
};

function parseType(text: string): HashAlgorithm {
  try {
    return parseHashAlgorithm(text);
  } catch (error) {
    if (!(error instanceof NixFormatError)) throw error;
    throw new Fault('bad-usage', `--type: ${error.reason}`, { cause: error });
  }
}

function chooseFormat(values: Readonly<Record<keyof typeof formats, boolean>>): HashFormat {
  const chosen = (['sri', 'base16', 'base32', 'base64'] as const).filter((name) => values[name]);
  const [format = 'sri', second] = chosen;
  if (second === undefined) return formats[format];
  throw new Fault('bad-usage', `--${format} and --${second} are two formats`, {
    remedy: 'A hash is printed in one.',
  });
}
