import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  NixFormatError,
  daemonAddressFromEnvironment,
  fingerprint,
  isSignedBy,
  makeFixedOutputPath,
  parseNarinfo,
  parsePublicKeys,
  printStorePath,
  storePathDigest,
  storePathName,
} from '@iolaus/nix';
import type { Narinfo, PublicKey, StoreDirectory } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { CommandGroup } from '../command-group.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';

/** The files that binary caches keep about paths. */
export const narinfoCommands: CommandGroup = {
  words: 'iolaus nix narinfo',
  purpose: 'reads what a binary cache says of a path',
  entries: [
    {
      name: 'verify',
      summary: 'check the signatures of narinfo files',
      load: () => Promise.resolve(verifyCommand),
    },
  ],
};

/** What Nix trusts where its configuration does not say otherwise. */
const usualKey = 'cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=';

const help = `iolaus nix narinfo verify [--trusted-public-keys KEYS] [--public-key-file FILE]... [--store-dir DIR] FILE...

Checks narinfo files: that they can be read, are named after their path, and that a trusted key signed them. Paths that
follow from what they contain need no signature. \`-\` reads standard input. Status 1 if one is not to be trusted.

  --trusted-public-keys KEYS   name:base64, with spaces between (${usualKey.split(':')[0]})
  --public-key-file FILE       a file with such keys; may be repeated
  --store-dir DIR              the store that the paths are of (where Nix has it, else /nix/store)`;

const verifyCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('nix narinfo verify', parameters, {
      'trusted-public-keys': { type: 'string' },
      'public-key-file': { type: 'string', multiple: true, default: [] },
      'store-dir': { type: 'string' },
    });
    if (positionals.length === 0)
      throw new Fault('bad-usage', 'iolaus nix narinfo verify takes at least one file', {
        remedy: 'Give a .narinfo file, or - for standard input.',
      });
    const { storeDirectory } = daemonAddressFromEnvironment({
      ...process.env,
      ...(values['store-dir'] === undefined
        ? {}
        : { NIX_REMOTE: '', NIX_STORE_DIR: values['store-dir'] }),
    });
    const keys = await readKeys(values['trusted-public-keys'], values['public-key-file']);
    let distrusted = 0;
    for (const file of positionals) {
      const verdict = await verify(storeDirectory, keys, file);
      if (!verdict.good) distrusted += 1;
      (verdict.good ? process.stdout : process.stderr).write(`${file}: ${verdict.sentence}\n`);
    }
    return distrusted === 0 ? 0 : 1;
  },
};

async function readKeys(text: string | undefined, files: readonly string[]): Promise<PublicKey[]> {
  const given = text ?? (files.length === 0 ? usualKey : '');
  const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return [given, ...contents].flatMap((keys) => parsePublicKeys(keys));
}

type Verdict = { readonly good: boolean; readonly sentence: string };

async function verify(
  directory: StoreDirectory,
  keys: readonly PublicKey[],
  file: string,
): Promise<Verdict> {
  const bytes = file === '-' ? await readStandardInput() : await readFile(file);
  try {
    const narinfo = parseNarinfo(directory, bytes);
    return judge(directory, keys, file, narinfo);
  } catch (error) {
    if (!(error instanceof NixFormatError)) throw error;
    return { good: false, sentence: error.message };
  }
}

function judge(
  directory: StoreDirectory,
  keys: readonly PublicKey[],
  file: string,
  narinfo: Narinfo,
): Verdict {
  const path = printStorePath(directory, narinfo.path);
  const digest = storePathDigest(narinfo.path);
  if (file.endsWith('.narinfo') && basename(file) !== `${digest}.narinfo`)
    return { good: false, sentence: `speaks of ${path}, so it should be named ${digest}.narinfo` };
  const text = fingerprint(directory, narinfo);
  const signature = narinfo.signatures.find((candidate) => isSignedBy(keys, text, candidate));
  if (signature !== undefined)
    return { good: true, sentence: `${path} is signed by ${signature.split(':')[0]}` };
  if (followsFromContents(directory, narinfo))
    return { good: true, sentence: `${path} follows from its contents` };
  const names = narinfo.signatures.map((candidate) => candidate.split(':')[0] ?? '');
  const found = names.length === 0 ? 'nobody signed it' : `only ${names.join(', ')} signed it`;
  return { good: false, sentence: `path '${path}' is untrusted: ${found}` };
}

function followsFromContents(directory: StoreDirectory, narinfo: Narinfo): boolean {
  const { path, contentAddress, references } = narinfo;
  if (contentAddress === null) return false;
  const made = makeFixedOutputPath(directory, storePathName(path), contentAddress, {
    paths: references.filter((reference) => reference !== path),
    self: references.includes(path),
  });
  return made === path;
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
