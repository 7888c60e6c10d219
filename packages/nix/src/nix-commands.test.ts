import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonConnection } from './daemon/connection.ts';
import { hashesModulo } from './derivation/hash-modulo.ts';
import { derivationJsonFormat } from './derivation/json-format.ts';
import { makeDerivationPath } from './derivation/make-derivation-path.ts';
import { makeOutputPath } from './derivation/output-path.ts';
import { parseDerivationsJson } from './derivation/parse-derivation-json.ts';
import { parseDerivation } from './derivation/parse-derivation.ts';
import { printDerivationsJson } from './derivation/print-derivation-json.ts';
import { printDerivation } from './derivation/print-derivation.ts';
import type { Derivation } from './derivation/derivation.ts';
import type { PathInfo } from './path-info/path-info.ts';
import { printPathInfosJson } from './path-info/print-path-info-json.ts';
import type { PathInfoJsonFormat } from './path-info/print-path-info-json.ts';
import { derivationPath, parseStorePath, printStorePath } from './store-path/store-path.ts';
import type { DerivationPath, StorePath } from './store-path/store-path.ts';
import { findNewerNix } from './testing/newer-nix.ts';
import { startPrivateDaemon } from './testing/private-daemon.ts';
import type { PrivateDaemon } from './testing/private-daemon.ts';

const newer = await findNewerNix();
// Where no other can be had, the one on the PATH has to do.
const folders = new Map([
  ['the Nix of this machine', undefined],
  ...(newer === null ? [] : ([[`Nix ${newer.version}`, newer.folder]] as const)),
]);

for (const [name, folder] of folders)
  test(`what the commands of ${name} print of 300 derivations and paths, we print byte for byte`, async () => {
    await compareWithNix(folder);
  });

async function compareWithNix(programs: string | undefined): Promise<void> {
  await using daemon = await startPrivateDaemon({}, { programs });
  const nix = commandsOf(daemon);
  const version = (await nix('nix', ['--version'])).toString().trim().split(' ').at(-1) ?? '';
  const paths = await instantiate(daemon);
  assert.ok(paths.length >= 300);
  const derivations = await readAll(daemon, paths);
  await compareDerivations(daemon, version, paths, derivations);
  checkArithmetic(daemon, derivations);
  const buildable = paths.filter((_, index) => index < 40 && buildableKinds.has(index % 13));
  const built = (await nix('nix-store', ['--realise', ...buildable])).toString().trim();
  await comparePathInfos(daemon, version, built.split('\n'));
  // Without the option, Nix speaks of their outputs.
  await comparePathInfos(daemon, version, paths, ['--derivation']);
}

async function compareDerivations(
  daemon: PrivateDaemon,
  version: string,
  paths: readonly string[],
  derivations: ReadonlyMap<DerivationPath, Derivation>,
): Promise<void> {
  const { storeDirectory } = daemon.address;
  const shown = await commandsOf(daemon)('nix', ['derivation', 'show', ...paths]).catch(() =>
    commandsOf(daemon)('nix', ['show-derivation', ...paths]),
  );
  const wanted = new Map(
    [...derivations].filter(([path]) => paths.includes(printStorePath(storeDirectory, path))),
  );
  const format = derivationJsonFormat(version);
  const layout = shown.includes('\n  ') ? 'pretty' : 'compact';
  const printed = printDerivationsJson(storeDirectory, wanted, format, layout);
  assert.equal(`${printed.toString('latin1')}\n`, shown.toString('latin1'));
  for (const [path, derivation] of parseDerivationsJson(storeDirectory, shown))
    assert.equal(makeDerivationPath(storeDirectory, derivation), path);
}

/** Paths, texts and output paths follow from what was read. */
function checkArithmetic(
  { address: { storeDirectory } }: PrivateDaemon,
  derivations: ReadonlyMap<DerivationPath, Derivation>,
): void {
  const hashes = hashesModulo(
    storeDirectory,
    (path) => derivations.get(path) ?? assert.fail(`${path} was not read`),
  );
  for (const [path, derivation] of derivations) {
    assert.equal(makeDerivationPath(storeDirectory, derivation), path);
    const { hash } = hashes.masked(derivation);
    for (const [name, output] of derivation.outputs)
      if (output.type === 'input-addressed')
        assert.equal(makeOutputPath(storeDirectory, hash, derivation.name, name), output.path);
  }
}

async function comparePathInfos(
  daemon: PrivateDaemon,
  version: string,
  paths: readonly string[],
  options: readonly string[] = [],
): Promise<void> {
  const { storeDirectory } = daemon.address;
  await using connection = await DaemonConnection.connect(daemon.address);
  const infos = new Map<StorePath, PathInfo | null>();
  for (const text of paths) {
    const path = parseStorePath(storeDirectory, text);
    infos.set(path, await connection.queryPathInfo(path));
  }
  for (const format of pathInfoFormats(version)) {
    const choice = typeof format === 'number' ? ['--json-format', String(format)] : [];
    const parameters = ['path-info', '--json', ...choice, ...options, ...paths];
    const shown = await commandsOf(daemon)('nix', parameters);
    const printed = printPathInfosJson(storeDirectory, infos, format);
    assert.equal(printed.toString('latin1'), shown.toString('latin1').trimEnd());
  }
}

function pathInfoFormats(version: string): readonly PathInfoJsonFormat[] {
  const format = derivationJsonFormat(version);
  if (format === '2.33') return [1, 2];
  return [format === '2.8' ? '2.8' : '2.19'];
}

async function instantiate(daemon: PrivateDaemon): Promise<string[]> {
  const file = join(daemon.directory, 'jobs.nix');
  await writeFile(file, jobs);
  const stdout = await commandsOf(daemon)('nix-instantiate', [file]);
  return [...new Set(stdout.toString().trim().split('\n'))].map((line) => line.replace(/!.*/, ''));
}

/** The derivations and all that they need, read from their files. */
async function readAll(
  { address: { storeDirectory } }: PrivateDaemon,
  paths: readonly string[],
): Promise<Map<DerivationPath, Derivation>> {
  const found = new Map<DerivationPath, Derivation>();
  const queue = paths.map((path) => derivationPath(parseStorePath(storeDirectory, path)));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue;
    const bytes = await readFile(printStorePath(storeDirectory, path));
    const derivation = parseDerivation(storeDirectory, path, bytes);
    assert.deepEqual(printDerivation(storeDirectory, derivation), bytes);
    found.set(path, derivation);
    queue.push(...derivation.inputDerivations.keys());
  }
  return found;
}

function commandsOf({ environment }: PrivateDaemon) {
  return async (program: string, parameters: readonly string[]): Promise<Buffer> => {
    const features = ['--extra-experimental-features', 'nix-command ca-derivations'];
    const { stdout } = await promisify(execFile)(
      program,
      program === 'nix' ? [...features, ...parameters] : [...parameters],
      { env: environment, encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
    );
    return stdout;
  };
}

/** The others are fixed to another hash than they have, or want more than a shell, or what does so. */
const buildableKinds = new Set([0, 1, 2, 3, 7, 8]);

/** Derivations of every kind, in a row: each may use those before it. */
const jobs = `
let
  base = n: extra: derivation ({
    name = "job-\${toString n}"; system = builtins.currentSystem; builder = "/bin/sh";
    args = [ "-c" "for o in \\\${outputs:-out}; do eval path=\\\\$$o; printf \${toString n} > $path; done" ];
  } // extra);
  digest = algorithm: n: builtins.hashString algorithm (toString n);
  fixed = n: algorithm: mode: base n {
    outputHash = digest algorithm n; outputHashAlgo = algorithm; outputHashMode = mode;
  };
  floating = n: base n {
    __contentAddressed = true; outputHashAlgo = "sha256"; outputHashMode = "recursive";
  };
  kinds = [
    (n: base n { outputs = [ "out" "dev" "lib" ]; })
    (n: base n { text = "quotes \\" backslash \\\\ line \\n return \\r tab \\t dollar \\\${x} é ☃"; empty = ""; })
    (n: base n { source = ./jobs.nix; file = builtins.toFile "text-\${toString n}" "text"; })
    (n: fixed n "sha256" "flat")
    (n: fixed n "sha1" "recursive")
    (n: fixed n "sha512" "recursive")
    (n: fixed n "md5" "flat")
    floating
    (n: base n { input = floating (n - 1); })
    (n: base n { inputs = [ (job (n - 10)) (job (n - 9)).dev (job (n - 7)) (job (n - 6)) ]; })
    (n: base n { __structuredAttrs = true; list = [ 1 2.5 "x" null true { } [ ] ]; set.b.a = "é\\n"; z = job (n - 11); })
    (n: base n { __impure = true; })
    (n: base n { closure = (job (n - 1)).drvPath; list = [ 1 "two" ]; yes = true; no = false; none = null; })
  ];
  count = builtins.length kinds;
  job = n: builtins.elemAt jobs (if n < 0 then 0 else n);
  jobs = builtins.genList (n: (builtins.elemAt kinds (n - n / count * count)) n) 312;
in jobs
`;
