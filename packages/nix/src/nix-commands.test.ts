import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
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
import { ages } from './testing/ages.ts';
import { linesOf, nixCommandsOf } from './testing/nix-commands.ts';
import type { RunCommand } from './testing/nix-commands.ts';
import { startPrivateDaemon } from './testing/private-daemon.ts';
import type { PrivateDaemon } from './testing/private-daemon.ts';

for (const { name, programs } of ages) {
  test(`what the commands of ${name} print of 300 derivations and paths, we print byte for byte`, async () => {
    await compareWithNix(programs);
  });
  test(`texts that are not UTF-8 are shown where ${name} shows them`, async () => {
    await compareBytes(programs);
  });
}

async function compareWithNix(programs: string | undefined): Promise<void> {
  await using daemon = await startPrivateDaemon({}, { programs });
  const nix = nixCommandsOf(daemon);
  const version = await versionOf(nix);
  const paths = await instantiate(daemon, jobs);
  assert.ok(paths.length >= 300);
  const derivations = await readAll(daemon, paths);
  await compareDerivations(daemon, version, paths, derivations);
  checkArithmetic(daemon, derivations);
  const buildable = paths.filter((_, index) => index < 40 && buildableKinds.has(index % 13));
  const built = linesOf(await nix('nix-store', ['--realise', ...buildable]));
  await comparePathInfos(daemon, version, built);
  // Without the option, Nix speaks of their outputs.
  await comparePathInfos(daemon, version, paths, ['--derivation']);
}

/** Only up to 2.8 does Nix write bytes as they are; later versions refuse. */
async function compareBytes(programs: string | undefined): Promise<void> {
  await using daemon = await startPrivateDaemon({}, { programs });
  const nix = nixCommandsOf(daemon);
  const version = await versionOf(nix);
  const expression = '[ (derivation { name = "x"; system = "\xff"; builder = "é\xc3"; }) ]';
  const paths = await instantiate(daemon, Buffer.from(expression, 'latin1'));
  const derivations = await readAll(daemon, paths);
  const format = derivationJsonFormat(version);
  if (format === '2.8') {
    await compareDerivations(daemon, version, paths, derivations);
    return;
  }
  await assert.rejects(nix('nix', ['derivation', 'show', ...paths]), /UTF-8/);
  const { storeDirectory } = daemon.address;
  assert.throws(() => printDerivationsJson(storeDirectory, derivations, format), {
    name: 'NixFormatError',
  });
}

async function versionOf(nix: RunCommand): Promise<string> {
  return (await nix('nix', ['--version'])).toString().trim().split(' ').at(-1) ?? '';
}

async function compareDerivations(
  daemon: PrivateDaemon,
  version: string,
  paths: readonly string[],
  derivations: ReadonlyMap<DerivationPath, Derivation>,
): Promise<void> {
  const { storeDirectory } = daemon.address;
  const shown = await nixCommandsOf(daemon)('nix', ['derivation', 'show', ...paths]).catch(() =>
    nixCommandsOf(daemon)('nix', ['show-derivation', ...paths]),
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
    const shown = await nixCommandsOf(daemon)('nix', parameters);
    const printed = printPathInfosJson(storeDirectory, infos, format);
    assert.equal(printed.toString('latin1'), shown.toString('latin1').trimEnd());
  }
}

function pathInfoFormats(version: string): readonly PathInfoJsonFormat[] {
  const format = derivationJsonFormat(version);
  if (format === '2.33') return [1, 2];
  return [format === '2.8' ? '2.8' : '2.19'];
}

async function instantiate(daemon: PrivateDaemon, expression: string | Buffer): Promise<string[]> {
  const file = join(daemon.directory, 'jobs.nix');
  await writeFile(file, expression);
  const printed = linesOf(await nixCommandsOf(daemon)('nix-instantiate', [file]));
  return [...new Set(printed)].map((line) => line.replace(/!.*/, ''));
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

/** The others are fixed to another hash than they have, or want more than a shell, or what does so. */
const buildableKinds = new Set([0, 1, 2, 3, 7, 8]);

/** Derivations of every kind, in a row: each may use those before it. */
const jobs = `
let
  base = n: extra: derivation ({
    name = "job-\${toString n}"; system = builtins.currentSystem; builder = "/bin/sh";
    args = [ "-c" "for o in \\\${outputs:-out}; do eval path=\\\\$$o; printf \${toString n} > $path; done" ];
  } // extra);
  controls = builtins.fromJSON ''"\\u0001\\u0008\\u000b\\u000c\\u001b\\u001f\\u007f"'';
  digest = algorithm: n: builtins.hashString algorithm (toString n);
  fixed = n: algorithm: mode: base n {
    outputHash = digest algorithm n; outputHashAlgo = algorithm; outputHashMode = mode;
  };
  floating = n: base n {
    __contentAddressed = true; outputHashAlgo = "sha256"; outputHashMode = "recursive";
  };
  kinds = [
    (n: base n { outputs = [ "out" "dev" "lib" ]; })
    (n: base n { \${"name\${controls}"} = controls; text = "quotes \\" backslash \\\\ line \\n return \\r tab \\t dollar \\\${x} é ☃"; empty = ""; })
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
