import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { DaemonConnection } from '../daemon/connection.ts';
import { readExport } from '../export/read-export.ts';
import { writeExport } from '../export/write-export.ts';
import { printHash } from '../hash/hash.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import { ReferenceScanner } from '../references/reference-scanner.ts';
import { parseStorePath, printStorePath } from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';
import { eventsOf, trees } from '../testing/file-tree.ts';
import { findNewerNix } from '../testing/newer-nix.ts';
import { startPrivateDaemon } from '../testing/private-daemon.ts';
import type { PrivateDaemon } from '../testing/private-daemon.ts';
import { dumpNar } from './dump-nar.ts';
import { listNar } from './listing.ts';
import { hashPath, NarMeter } from './measure-nar.ts';
import { printListing } from './print-listing.ts';
import type { ListingDialect } from './print-listing.ts';
import { printNar } from './print-nar.ts';
import { restoreNar } from './restore-nar.ts';

const newer = await findNewerNix();
const folders = new Map([
  ['the Nix of this machine', undefined],
  ...(newer === null ? [] : ([[`Nix ${newer.version}`, newer.folder]] as const)),
]);

/** With those of the closure, more than 300. */
const treeCount = 200;
const textCount = 100;
/** Enough for the commands that take one path at a time. */
const sampled = 4;

for (const [name, programs] of folders)
  test(`300 paths are archived, exported and listed as by ${name}, byte for byte`, async () => {
    await using daemon = await startPrivateDaemon({}, { programs });
    const infos = await fillStore(daemon);
    assert.ok(infos.length > treeCount + textCount);
    await compareHashes(daemon, infos);
    await compareExport(daemon, infos);
    for (const info of infos.slice(-sampled)) await compareArchive(daemon, info);
    await compareListing(daemon);
  });

/** Made-up trees, texts in a long row of references, and what refers to some of both. */
async function fillStore(daemon: PrivateDaemon): Promise<PathInfo[]> {
  const folder = join(daemon.directory, 'trees');
  await mkdir(folder);
  const samples = fc.sample(trees, { numRuns: treeCount, seed: 1 });
  const paths = await Promise.all(
    samples.map(async (tree, index) => {
      const path = join(folder, `tree-${index}`);
      await restoreNar(printNar(eventsOf(tree)), path);
      return path;
    }),
  );
  const run = commandsOf(daemon);
  const added = lines(await run('nix-store', ['--add', ...paths]));
  const file = join(daemon.directory, 'example.nix');
  await writeFile(file, example(added.slice(0, 3)));
  const built = lines(await run('nix-build', ['--no-out-link', file]));
  const drvs = lines(await run('nix-store', ['-qd', ...built]));
  const all = lines(await run('nix-store', ['-qR', ...new Set([...added, ...built, ...drvs])]));
  const { address } = daemon;
  await using connection = await DaemonConnection.connect(address);
  const found = await connection.queryPathInfos(
    all.map((text) => parseStorePath(address.storeDirectory, text)),
  );
  return found.map((info, index) => info ?? assert.fail(all[index]));
}

const example = (sources: readonly string[]) => `
let
  texts = builtins.foldl' (last: n: builtins.toFile "text-\${toString n}" "\${last} \${toString n}") ""
    (builtins.genList (n: n) ${textCount});
in derivation {
  name = "example"; system = builtins.currentSystem; builder = "/bin/sh";
  sources = [ ${sources.map((path) => `(builtins.storePath ${path})`).join(' ')} ];
  inherit texts;
  args = [ "-c" "echo $texts in the middle $sources $out > $out" ];
}`;

async function compareHashes(
  { address: { storeDirectory } }: PrivateDaemon,
  infos: readonly PathInfo[],
): Promise<void> {
  const candidates = infos.map(({ path }) => path);
  for (const { path, narHash, narSize, references } of infos) {
    const full = printStorePath(storeDirectory, path);
    const { hash, size } = await hashPath(full);
    assert.deepEqual([printHash(hash, 'sri'), size], [printHash(narHash, 'sri'), narSize], path);
    const scanner = new ReferenceScanner(candidates);
    for await (const chunk of dumpNar(full, { reuseBuffer: true })) scanner.push(chunk);
    // Added trees refer to nothing, whatever their bytes say, and derivations not to their outputs.
    if (references.length > 0 && !path.endsWith('.drv'))
      assert.deepEqual([...scanner.found].sort(), [...references].sort());
  }
}

async function compareExport(daemon: PrivateDaemon, infos: readonly PathInfo[]): Promise<void> {
  const { storeDirectory } = daemon.address;
  const full = (path: StorePath): string => printStorePath(storeDirectory, path);
  const ordered = infos.map(({ path }) => full(path));
  const exported = await commandsOf(daemon)('nix-store', ['--export', ...ordered]);
  const items: PathInfo[] = [];
  const byPath = new Map(infos.map((info) => [info.path, info]));
  for await (const item of readExport(storeDirectory, [exported])) {
    const meter = new NarMeter();
    for await (const chunk of item.nar) meter.update(chunk);
    const { path, references, deriver } = await item.info();
    const info = byPath.get(path) ?? assert.fail(path);
    assert.deepEqual(meter.finish(), { hash: info.narHash, size: info.narSize });
    assert.deepEqual(
      [[...references].sort(), deriver],
      [[...info.references].sort(), info.deriver],
    );
    items.push(info);
  }
  assert.equal(items.length, infos.length);
  const paths = items.map((info) => ({ ...info, nar: () => dumpNar(full(info.path)) }));
  assert.ok((await buffer(writeExport(storeDirectory, paths))).equals(exported));
  // What is exported here is imported there.
  await commandsOf(daemon)('nix-store', ['--delete', ...ordered]);
  const imported = await feed(daemon, ['--import'], [exported]);
  assert.deepEqual(
    lines(imported),
    items.map(({ path }) => full(path)),
  );
}

async function compareArchive(daemon: PrivateDaemon, { path }: PathInfo): Promise<void> {
  const run = commandsOf(daemon);
  const full = printStorePath(daemon.address.storeDirectory, path);
  const ours = await buffer(dumpNar(full));
  assert.ok(ours.equals(await run('nix-store', ['--dump', full])));
  assert.ok(ours.equals(await run('nix', ['store', 'dump-path', full])));
  const [here, there] = [join(daemon.directory, `${path}-1`), join(daemon.directory, `${path}-2`)];
  await restoreNar([ours], here);
  await feed(daemon, ['--restore', there], dumpNar(full));
  assert.ok((await run('nix-store', ['--dump', here])).equals(ours));
  assert.ok((await buffer(dumpNar(there))).equals(ours));
}

/** Of our own sources: names that JSON can hold. */
async function compareListing(daemon: PrivateDaemon): Promise<void> {
  const run = commandsOf(daemon);
  const version = /\d+\.\d+/.exec((await run('nix', ['--version'])).toString())?.[0] ?? '';
  const dialect = dialectOf(Number(version.split('.')[1]));
  const file = join(daemon.directory, 'sources.nar');
  await writeFile(file, dumpNar(join(import.meta.dirname, '..')));
  for (const recursive of [true, false]) {
    const options = recursive ? ['-R'] : [];
    const theirs = await run('nix', ['nar', 'ls', '--json', ...options, file, '/']);
    const listing = await listNar(dumpNar(join(import.meta.dirname, '..')));
    assert.equal(
      printListing(listing, { dialect, recursive }).toString(),
      theirs.toString().trimEnd(),
    );
  }
}

function dialectOf(minor: number): ListingDialect {
  if (minor <= 8) return '2.8';
  return minor < 35 ? '2.34' : '2.35';
}

const lines = (output: Buffer): string[] => output.toString().trim().split('\n');

function commandsOf({ environment }: PrivateDaemon) {
  return async (program: string, parameters: readonly string[]): Promise<Buffer> => {
    const features = program === 'nix' ? ['--extra-experimental-features', 'nix-command'] : [];
    const { stdout } = await promisify(execFile)(program, [...features, ...parameters], {
      env: environment,
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
}

/** Runs `nix-store` with these bytes on its standard input. */
async function feed(
  { environment }: PrivateDaemon,
  parameters: readonly string[],
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Buffer> {
  const child = spawn('nix-store', parameters, {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([buffer(child.stdout), pipeline(input, child.stdin)]);
  return output;
}
