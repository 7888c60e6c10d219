import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  DaemonConnection,
  daemonAddressFromEnvironment,
  derivationPath,
  isDerivationPath,
  parseDerivation,
  printDerivationsJson,
  printStorePath,
} from '@iolaus/nix';
import type {
  DaemonAddress,
  Derivation,
  DerivationJsonFormat,
  DerivationPath,
  StoreDirectory,
} from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { CommandGroup } from '../command-group.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { storeArgument } from './store-argument.ts';

/** What `nix derivation` does. */
export const drvCommands: CommandGroup = {
  words: 'iolaus nix drv',
  purpose: 'reads derivations',
  entries: [
    {
      name: 'show',
      summary: 'print derivations as JSON, as `nix derivation show` does',
      load: () => Promise.resolve(showCommand),
    },
  ],
};

const formats: readonly DerivationJsonFormat[] = ['2.8', '2.18', '2.24', '2.30', '2.32', '2.33'];

const help = `iolaus nix drv show [-r] [--format VERSION] [--pretty | --no-pretty] PATH...

Prints derivations as JSON, as \`nix derivation show\` does. PATH is a .drv file, of the store or elsewhere, or a store
path, or a link to one, whose derivation the daemon knows.

  -r, --recursive    the derivations that they need, too
  --format VERSION   as the first version of Nix that prints it so: ${formats.join(', ')} (the newest)
  --pretty           in many lines, as usual on a terminal; --no-pretty: in one`;

const showCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('nix drv show', parameters, {
      recursive: { type: 'boolean', short: 'r', default: false },
      format: { type: 'string', default: '2.33' },
      pretty: { type: 'boolean', default: process.stdout.isTTY },
      'no-pretty': { type: 'boolean', default: false },
    });
    if (positionals.length === 0)
      throw new Fault('bad-usage', 'iolaus nix drv show takes at least one path', {
        remedy: 'Give a .drv file, or a store path that a derivation made.',
      });
    const format = parseFormat(values.format);
    const address = daemonAddressFromEnvironment(process.env);
    const derivations = new Map<DerivationPath, Derivation>();
    for (const argument of positionals) await read(address, argument, derivations);
    if (values.recursive) await readInputs(address.storeDirectory, derivations);
    const layout = values.pretty && !values['no-pretty'] ? 'pretty' : 'compact';
    const json = printDerivationsJson(address.storeDirectory, derivations, format, layout);
    process.stdout.write(Buffer.concat([json, Buffer.from('\n')]));
    return 0;
  },
};

function parseFormat(text: string): DerivationJsonFormat {
  const format = formats.find((known) => known === text);
  if (format !== undefined) return format;
  throw new Fault('bad-usage', `--format is '${text}', which is no format`, {
    remedy: `There are ${formats.join(', ')}.`,
  });
}

/** A file tells its name, and so the path, wherever it lies. */
async function read(
  address: DaemonAddress,
  argument: string,
  derivations: Map<DerivationPath, Derivation>,
): Promise<void> {
  const directory = address.storeDirectory;
  if (argument.endsWith('.drv')) {
    const path = derivationPath(basename(argument));
    derivations.set(path, parseDerivation(directory, path, await readFile(argument)));
    return;
  }
  const path = await deriverOf(address, argument);
  derivations.set(path, await readFromStore(directory, path));
}

async function deriverOf(address: DaemonAddress, argument: string): Promise<DerivationPath> {
  const path = await storeArgument(address.storeDirectory, argument);
  if (isDerivationPath(path)) return path;
  await using daemon = await DaemonConnection.connect(address);
  const info = await daemon.queryPathInfo(path);
  const full = printStorePath(address.storeDirectory, path);
  if (info === null) throw new Fault('daemon-failed', `path '${full}' is not valid`);
  if (info.deriver === null)
    throw new Fault('daemon-failed', `'${full}' does not have a known deriver`);
  return derivationPath(info.deriver);
}

async function readInputs(
  directory: StoreDirectory,
  derivations: Map<DerivationPath, Derivation>,
): Promise<void> {
  const queue = [...derivations.values()];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const path of next.inputDerivations.keys()) {
      if (derivations.has(path)) continue;
      const derivation = await readFromStore(directory, path);
      derivations.set(path, derivation);
      queue.push(derivation);
    }
  }
}

async function readFromStore(directory: StoreDirectory, path: DerivationPath): Promise<Derivation> {
  return parseDerivation(directory, path, await readFile(printStorePath(directory, path)));
}
