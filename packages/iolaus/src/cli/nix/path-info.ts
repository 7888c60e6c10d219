import {
  DaemonConnection,
  daemonAddressFromEnvironment,
  printContentAddress,
  printPathInfosJson,
  printStorePath,
  queryClosure,
} from '@iolaus/nix';
import type { PathInfo, PathInfoJsonFormat, StoreDirectory, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { storeArgument } from './store-argument.ts';

const formats: ReadonlyMap<string, PathInfoJsonFormat> = new Map<string, PathInfoJsonFormat>([
  ['2.8', '2.8'],
  ['2.19', '2.19'],
  ['1', 1],
  ['2', 2],
  ['3', 3],
]);
const kibi = 1024;
const sizeColumn = 11;

const help = `iolaus nix path-info [-r] [-s] [-S] [-h] [--sigs] [--json [--json-format FORMAT]] PATH...

Asks the daemon about store paths and prints what \`nix path-info\` prints. PATH is a store path, a file in one, or a
link to one; a .drv file means itself.

  -r, --recursive        all that they refer to, too
  -s, --size             the size of each archive, in bytes
  -S, --closure-size     the size of all that each needs
  -h, --human-readable   sizes in KiB, MiB and so on
  --sigs                 whether it was built here, its content address and its signatures
  --json                 everything, as JSON; paths that are not valid are null
  --json-format FORMAT   1, 2 or 3 as in Nix, or as older versions print it: 2.8, 2.19 (1)`;

type Wanted = {
  readonly size: boolean;
  readonly 'closure-size': boolean;
  readonly 'human-readable': boolean;
  readonly sigs: boolean;
};

/** What `nix path-info` does. */
export const pathInfoCommand: Command = {
  help,
  shortHelp: false,
  async run(parameters) {
    const { values, positionals } = parseParameters('nix path-info', parameters, {
      recursive: { type: 'boolean', short: 'r', default: false },
      size: { type: 'boolean', short: 's', default: false },
      'closure-size': { type: 'boolean', short: 'S', default: false },
      'human-readable': { type: 'boolean', short: 'h', default: false },
      sigs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'json-format': { type: 'string', default: '1' },
    });
    const format = parseFormat(values['json-format']);
    const address = daemonAddressFromEnvironment(process.env);
    const directory = address.storeDirectory;
    const paths = await parsePaths(directory, positionals);
    await using daemon = await DaemonConnection.connect(address);
    const infos = await query(daemon, paths, values.recursive);
    const closureSizes = values['closure-size'] ? await sumClosures(daemon, infos) : new Map();
    if (values.json) {
      const json = printPathInfosJson(directory, infos, format, { closureSizes });
      process.stdout.write(Buffer.concat([json, Buffer.from('\n')]));
    } else {
      process.stdout.write(printLines(directory, infos, closureSizes, values));
    }
    return 0;
  },
};

function parseFormat(text: string): PathInfoJsonFormat {
  const format = formats.get(text);
  if (format !== undefined) return format;
  throw new Fault('bad-usage', `--json-format is '${text}', which is no format`, {
    remedy: `There are ${[...formats.keys()].join(', ')}.`,
  });
}

async function parsePaths(
  directory: StoreDirectory,
  positionals: readonly string[],
): Promise<StorePath[]> {
  if (positionals.length === 0)
    throw new Fault('bad-usage', 'iolaus nix path-info takes at least one path', {
      remedy: `Give a path in ${directory}, or a link to one.`,
    });
  const paths = await Promise.all(positionals.map((text) => storeArgument(directory, text)));
  return [...new Set(paths)].sort();
}

async function query(
  daemon: DaemonConnection,
  paths: readonly StorePath[],
  recursive: boolean,
): Promise<Map<StorePath, PathInfo | null>> {
  const infos = new Map<StorePath, PathInfo | null>();
  if (recursive) for (const info of await queryClosure(daemon, paths)) infos.set(info.path, info);
  for (const path of paths) if (!infos.has(path)) infos.set(path, await daemon.queryPathInfo(path));
  return infos;
}

async function sumClosures(
  daemon: DaemonConnection,
  infos: ReadonlyMap<StorePath, PathInfo | null>,
): Promise<Map<StorePath, number>> {
  const known = new Map<StorePath, PathInfo>();
  for (const [path, info] of infos) if (info !== null) known.set(path, info);
  const sizes = new Map<StorePath, number>();
  for (const path of known.keys().toArray()) {
    const closure = await queryClosure(daemon, [path], { known });
    sizes.set(
      path,
      closure.reduce((sum, { narSize }) => sum + narSize, 0),
    );
  }
  return sizes;
}

function printLines(
  directory: StoreDirectory,
  infos: ReadonlyMap<StorePath, PathInfo | null>,
  closureSizes: ReadonlyMap<StorePath, number>,
  wanted: Wanted,
): string {
  const width = Math.max(
    ...[...infos.keys()].map((path) => printStorePath(directory, path).length),
  );
  const columned = wanted.size || wanted['closure-size'] || wanted.sigs;
  const lines = [...infos].map(([path, info]) => {
    const full = printStorePath(directory, path);
    if (info === null) throw new Fault('daemon-failed', `path '${full}' is not valid`);
    const sizes = [
      ...(wanted.size ? [info.narSize] : []),
      ...(wanted['closure-size'] ? [closureSizes.get(path) ?? 0] : []),
    ];
    return [
      columned ? full.padEnd(width) : full,
      ...sizes.map((size) => printSize(size, wanted['human-readable'])),
      ...(wanted.sigs ? [printTrust(info)] : []),
    ].join('\t');
  });
  return lines.map((line) => `${line}\n`).join('');
}

function printTrust({ ultimate, contentAddress, signatures }: PathInfo): string {
  return [
    ...(ultimate ? ['ultimate'] : []),
    ...(contentAddress === null ? [] : [`ca:${printContentAddress(contentAddress)}`]),
    ...signatures,
  ].join(' ');
}

/** As newer versions of Nix write sizes: never in smaller units than KiB. */
function printSize(bytes: number, humanReadable: boolean): string {
  if (!humanReadable) return String(bytes).padStart(sizeColumn);
  const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
  let size = bytes / kibi;
  let unit = 0;
  while (size > kibi && unit < units.length - 1) {
    size /= kibi;
    unit += 1;
  }
  return `${size.toFixed(1).padStart(6)} ${units[unit] ?? ''}`;
}
