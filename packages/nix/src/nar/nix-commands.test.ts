import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { DaemonConnection } from '../daemon/connection.ts';
import { readExport } from '../export/read-export.ts';
import { writeExport } from '../export/write-export.ts';
import { NixFormatError } from '../format-error.ts';
import { printHash } from '../hash/hash.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import { ReferenceScanner } from '../references/reference-scanner.ts';
import { parseStorePath, printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory, StorePath } from '../store-path/store-path.ts';
import { ages } from '../testing/ages.ts';
import { eventsOf, textTrees, trees } from '../testing/file-tree.ts';
import { linesOf, nixCommandsOf } from '../testing/nix-commands.ts';
import type { RunCommand } from '../testing/nix-commands.ts';
import { startPrivateDaemon } from '../testing/private-daemon.ts';
import { dumpNar } from './dump-nar.ts';
import { listNar } from './listing.ts';
import { hashPath, NarMeter } from './measure-nar.ts';
import { parseListing } from './parse-listing.ts';
import { printListing } from './print-listing.ts';
import type { ListingDialect } from './print-listing.ts';
import { printNar } from './print-nar.ts';
import { restoreNar } from './restore-nar.ts';

/** With those of the closure, more than 300. */
const treeCount = 200;
const textCount = 100;
/** Enough for what costs several processes for each path. */
const sampled = 10;

/** Valid paths in the store of a daemon, a folder to work in, and Nix's commands. */
type Scene = {
  readonly run: RunCommand;
  readonly folder: string;
  readonly infos: readonly PathInfo[];
  /** The full path of one. */
  readonly full: (path: StorePath) => string;
};

for (const { name, programs } of ages)
  test(`300 paths are archived, exported and listed as by ${name}, byte for byte`, async () => {
    await using daemon = await startPrivateDaemon({}, { programs });
    const { storeDirectory } = daemon.address;
    await using connection = await DaemonConnection.connect(daemon.address);
    const run = nixCommandsOf(daemon);
    const folder = join(daemon.directory, 'archives');
    await mkdir(folder);
    const paths = await fillStore(run, folder);
    const infos = await connection.queryPathInfos(
      paths.map((path) => parseStorePath(storeDirectory, path)),
    );
    const scene: Scene = {
      run,
      folder,
      infos: infos.map((info, index) => info ?? assert.fail(paths[index])),
      full: (path) => printStorePath(storeDirectory, path),
    };
    assert.ok(infos.length > 300);
    await compareHashes(scene);
    const archives = await dumpAll(scene);
    await Promise.all([compareArchives(scene, archives), compareListings(scene, archives)]);
    await compareRestored(scene, archives);
    await compareExport(scene, storeDirectory);
  });

/** Made-up trees, texts in a long row of references, and what refers to some of both. */
async function fillStore(run: RunCommand, folder: string): Promise<string[]> {
  const samples = [
    ...fc.sample(trees, { numRuns: treeCount / 2, seed: 1 }),
    ...fc.sample(textTrees, { numRuns: treeCount / 2, seed: 1 }),
  ];
  const paths = await Promise.all(
    samples.map(async (tree, index) => {
      const path = join(folder, `tree-${index}`);
      await restoreNar(printNar(eventsOf(tree)), path);
      return path;
    }),
  );
  const sources = join(import.meta.dirname, '..');
  const added = linesOf(await run('nix-store', ['--add', ...paths, sources]));
  const file = join(folder, 'example.nix');
  await writeFile(file, example(added.slice(0, 3)));
  const built = linesOf(await run('nix-build', ['--no-out-link', file]));
  const drvs = linesOf(await run('nix-store', ['-qd', ...built]));
  return linesOf(await run('nix-store', ['-qR', ...new Set([...added, ...built, ...drvs])]));
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

async function compareHashes({ infos, full }: Scene): Promise<void> {
  const candidates = infos.map(({ path }) => path);
  for (const { path, narHash, narSize, references } of infos) {
    const { hash, size } = await hashPath(full(path));
    assert.deepEqual([printHash(hash, 'sri'), size], [printHash(narHash, 'sri'), narSize], path);
    const scanner = new ReferenceScanner(candidates);
    for await (const chunk of dumpNar(full(path), { reuseBuffer: true })) scanner.push(chunk);
    // Added trees refer to nothing, whatever their bytes say, and derivations not to their outputs.
    if (references.length > 0 && !path.endsWith('.drv'))
      assert.deepEqual([...scanner.found].sort(), [...references].sort());
  }
}

/** Our archive of each path, in a file, too. */
type Archive = { readonly path: StorePath; readonly file: string; readonly bytes: Buffer };

async function dumpAll({ infos, folder, full }: Scene): Promise<Archive[]> {
  return Promise.all(
    infos.map(async ({ path }) => {
      const file = join(folder, `${path}.nar`);
      const bytes = await buffer(dumpNar(full(path)));
      await writeFile(file, bytes);
      return { path, file, bytes };
    }),
  );
}

async function compareArchives({ run, full }: Scene, archives: readonly Archive[]): Promise<void> {
  const script = 'for path; do nix-store --dump "$path"; done';
  const paths = archives.map(({ path }) => full(path));
  const dumped = await run('sh', ['-c', script, 'sh', ...paths]);
  assert.ok(dumped.equals(Buffer.concat(archives.map(({ bytes }) => bytes))));
}

/** Versions of Nix that write only UTF-8 refuse, and print nothing for, what has other names. */
async function compareListings({ run }: Scene, archives: readonly Archive[]): Promise<void> {
  const dialect = await dialectOf(run);
  for (const recursive of [true, false]) {
    const options = recursive ? '-R' : '';
    // The shell takes away the line end that some versions print.
    const script = `for file; do echo "$(nix nar ls --json ${options} "$file" / 2> /dev/null)"; done`;
    const chosen = recursive ? archives : archives.slice(-sampled);
    const listed = await run('bash', ['-c', script, 'bash', ...chosen.map(({ file }) => file)]);
    const theirs = listed.toString('latin1').split('\n');
    for (const [index, { path, bytes }] of chosen.entries()) {
      const listing = await listNar([bytes]);
      const print = (): Buffer => printListing(listing, { dialect, recursive });
      const expected = theirs[index] ?? assert.fail();
      if (expected === '') assert.throws(print, NixFormatError, path);
      else assert.equal(print().toString('latin1'), expected, path);
      if (expected !== '' && recursive)
        assert.deepEqual(parseListing(Buffer.from(expected, 'latin1')), listing);
    }
  }
}

async function dialectOf(run: RunCommand): Promise<ListingDialect> {
  const [, major = '', minor = ''] =
    /(\d+)\.(\d+)/.exec(String(await run('nix', ['--version']))) ?? [];
  assert.equal(major, '2');
  if (Number(minor) <= 8) return '2.8';
  return Number(minor) < 35 ? '2.34' : '2.35';
}

/** All by us, and some by Nix, too: what we archive of them is what Nix does, as was seen. */
async function compareRestored(
  { run, folder }: Scene,
  archives: readonly Archive[],
): Promise<void> {
  for (const { path, bytes } of archives) {
    const target = join(folder, `${path}-by-us`);
    await restoreNar([bytes], target);
    assert.ok(bytes.equals(await buffer(dumpNar(target))), path);
  }
  for (const { path, bytes } of archives.slice(-sampled)) {
    const target = join(folder, `${path}-by-nix`);
    await run('nix-store', ['--restore', target], [bytes]);
    assert.ok(bytes.equals(await buffer(dumpNar(target))), path);
    assert.ok(bytes.equals(await run('nix-store', ['--dump', join(folder, `${path}-by-us`)])));
  }
}

async function compareExport(
  { run, infos, full }: Scene,
  directory: StoreDirectory,
): Promise<void> {
  const ordered = infos.map(({ path }) => full(path));
  const exported = await run('nix-store', ['--export', ...ordered]);
  const items: PathInfo[] = [];
  const byPath = new Map(infos.map((info) => [info.path, info]));
  for await (const item of readExport(directory, [exported])) {
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
  assert.ok((await buffer(writeExport(directory, paths))).equals(exported));
  // What is exported here is imported there.
  await run('nix-store', ['--delete', ...ordered]);
  const imported = await run('nix-store', ['--import'], [exported]);
  assert.deepEqual(
    linesOf(imported),
    items.map(({ path }) => full(path)),
  );
}
