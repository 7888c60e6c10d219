import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeHash, printHash } from '../hash/hash.ts';
import { defaultStoreDirectory, derivationPath, parseBaseName } from '../store-path/store-path.ts';
import type { DerivationPath } from '../store-path/store-path.ts';
import { readFixture, readJsonFixture } from '../testing/fixture.ts';
import { full } from '../testing/recorded-values.ts';
import { environmentVariable } from './derivation.ts';
import type { Derivation, DerivationOutput } from './derivation.ts';
import { fillOutputPaths } from './fill-output-paths.ts';
import { hashesModulo } from './hash-modulo.ts';
import { makeDerivationPath } from './make-derivation-path.ts';
import { makeOutputPath } from './output-path.ts';
import { parseDerivation } from './parse-derivation.ts';
import { downstreamPlaceholder, dynamicPlaceholder, ownPlaceholder } from './placeholder.ts';
import { needsResolution, resolveDerivation } from './resolve-derivation.ts';
import { printDerivation } from './print-derivation.ts';

type Texts = Readonly<Record<string, string>>;
type Entry = {
  readonly drvPath: string;
  readonly file: string;
  readonly hashModulo: {
    readonly kind: 'regular' | 'deferred';
    readonly masked?: string;
    readonly unmasked?: string;
    readonly fixed?: string;
  };
  readonly selfPlaceholders?: Texts;
  readonly downstreamPlaceholders?: Texts;
  readonly realisationIdUpTo234?: Texts;
};
type Resolution = {
  readonly file: string;
  readonly inputs: readonly {
    readonly drvPath: string;
    readonly outputs: readonly [string, ...string[]];
    readonly placeholder: string;
    readonly path: string;
  }[];
  readonly resolvedDrvPath: string;
  readonly resolvedFile: string;
  readonly outputsAfterResolution: Readonly<Record<string, { readonly path: string | null }>>;
  readonly hashModuloOfResolved: string;
};

const directory = defaultStoreDirectory;
const zeros = '0'.repeat(32);
const entries = readJsonFixture<readonly Entry[]>('index.json');
const resolutions = readJsonFixture<readonly Resolution[]>('ca-resolution/cases.json');

test('hashes modulo are those that Nix computes', () => {
  const hashes = hashesModulo(directory, readDerivation);
  for (const { file, drvPath, hashModulo, realisationIdUpTo234 = {} } of entries) {
    const masked = hashes.masked(readFile(file));
    const unmasked = hashes.of(derivationPath(full(drvPath)));
    assert.equal(hex(masked.hash), hashModulo.fixed ?? hashModulo.masked, file);
    assert.equal(hex(unmasked.hash), hashModulo.fixed ?? hashModulo.unmasked, file);
    assert.equal(unmasked.deferred, hashModulo.kind === 'deferred', file);
    for (const [output, id] of Object.entries(realisationIdUpTo234))
      assert.equal(`sha256:${hex(masked.hash)}!${output}`, id);
  }
});

test('paths of input-addressed outputs follow from them', () => {
  const hashes = hashesModulo(directory, readDerivation);
  let checked = 0;
  for (const { file } of entries) {
    const derivation = readFile(file);
    const { hash } = hashes.masked(derivation);
    for (const [name, output] of derivation.outputs) {
      if (output.type !== 'input-addressed') continue;
      assert.equal(makeOutputPath(directory, hash, derivation.name, name), output.path);
      checked += 1;
    }
  }
  assert.ok(checked > 20);
});

test('placeholders are those that Nix writes', () => {
  for (const { drvPath, selfPlaceholders = {}, downstreamPlaceholders = {} } of entries) {
    for (const [output, placeholder] of Object.entries(selfPlaceholders))
      assert.equal(ownPlaceholder(output), placeholder);
    for (const [output, placeholder] of Object.entries(downstreamPlaceholders))
      assert.equal(downstreamPlaceholder(derivationPath(full(drvPath)), output), placeholder);
  }
  for (const { drvPath, outputs, placeholder } of resolutions.flatMap(({ inputs }) => inputs)) {
    const [first, ...further] = outputs;
    const outer = downstreamPlaceholder(derivationPath(full(drvPath)), first);
    assert.equal(further.reduce(dynamicPlaceholder, outer), placeholder);
  }
});

test('derivations are resolved to the bytes that Nix wrote', () => {
  for (const resolution of resolutions) {
    const original = readFile(resolution.file);
    const { path, derivation } = resolveDerivation(directory, original, (input, output) => {
      const found = resolution.inputs.find(
        ({ drvPath, outputs }) =>
          (full(drvPath) === input && outputs.length === 1 && outputs[0] === output) ||
          (innerOf(resolution, drvPath) === input && outputs[1] === output),
      );
      return full(
        found?.path ?? innerPathOf(resolution, input) ?? assert.fail(`${input}!${output}`),
      );
    });
    assert.equal(path, full(resolution.resolvedDrvPath));
    assert.deepEqual(printDerivation(directory, derivation), readFixture(resolution.resolvedFile));
    const { hash } = hashesModulo(directory, readDerivation).masked(derivation);
    const fixed = derivation.outputs.get('out')?.type === 'fixed';
    if (!fixed) assert.equal(hex(hash), resolution.hashModuloOfResolved);
    assert.equal(needsResolution(derivation), false);
  }
});

test('what has to be resolved is told from what only needs its inputs replaced', () => {
  const needing = entries.filter(({ file }) => needsResolution(readFile(file)));
  const names = needing.map(({ file }) => file.slice('drv/'.length + zeros.length + 1)).sort();
  assert.deepEqual(names, [
    'ca-chain.drv',
    'ca-multi.drv',
    'deferred.drv',
    'dyn-consumer-ca.drv',
    'dyn-consumer.drv',
  ]);
});

test('an aggregate that is given its constituents as inputs becomes what Hydra makes of it', () => {
  const folder = 'aggregates';
  const hashes = hashesModulo(directory, (path) => readFile(`${folder}/${path}`));
  const rewritten = new Map([
    [
      'k39qhfir12dva2rckf8bz29w8hk9wi4k-tested-by-name.drv',
      'kbp4ad9rjpx4v73i9nac01cd31rw5fzx-tested-by-name.drv',
    ],
    [
      'g98knijpmajviqqmiy4mdnpd37gzx9vk-tested-by-glob.drv',
      'm7si2prczjy2jn1p07mbr5v9mj1d5dms-tested-by-glob.drv',
    ],
  ]);
  for (const [before, after] of rewritten) {
    const { inputDerivations } = readFile(`${folder}/${after}`);
    const changed = { ...readFile(`${folder}/${before}`), inputDerivations };
    const filled = fillOutputPaths(directory, changed, hashes);
    assert.deepEqual(printDerivation(directory, filled), readFixture(`${folder}/${after}`));
    assert.equal(makeDerivationPath(directory, filled), after);
  }
});

test('outputs stay deferred where an input is only known when built', () => {
  const floating = entries.find(({ file }) => file.endsWith('-ca-floating.drv')) ?? assert.fail();
  const changed = simple([derivationPath(full(floating.drvPath))]);
  const filled = fillOutputPaths(directory, changed, hashesModulo(directory, readDerivation));
  assert.deepEqual([...filled.outputs], [['out', { type: 'deferred' }]]);
  assert.equal(environmentVariable(filled, 'out'), '');
});

test('derivations that need each other in a circle are refused', () => {
  const [one, two] = ['one', 'two'].map((name) => derivationPath(`${zeros}-${name}.drv`));
  const read = (path: DerivationPath): Derivation =>
    simple(path === one ? [two ?? assert.fail()] : [one ?? assert.fail()]);
  const hashes = hashesModulo(directory, read);
  assert.throws(() => hashes.of(one ?? assert.fail()), {
    name: 'NixFormatError',
    message: /one\.drv needs .*two\.drv needs .*one\.drv/,
  });
});

test('chains longer than the call stack are no trouble, nor are many ways to the same input', () => {
  const length = 20_000;
  const path = (index: number) => derivationPath(`${zeros}-${index}.drv`);
  const hashes = hashesModulo(directory, (derivation) => {
    const index = Number(derivation.slice(zeros.length + 1, -'.drv'.length));
    const below = [index + 1, index + 2, index + 3].filter((input) => input < length);
    return simple(below.map((input) => path(input)));
  });
  assert.equal(hashes.of(path(0)).deferred, false);
});

test('fetching the same contents in another way changes no hash of what uses them', () => {
  const contentAddress = { method: 'flat', hash: computeHash('sha256', 'contents') } as const;
  const out: DerivationOutput = {
    type: 'fixed',
    contentAddress,
    path: parseBaseName(`${zeros}-f`),
  };
  const fetchers = ['a', 'b'].map((name) => derivationPath(`${zeros}-${name}.drv`));
  const hashes = hashesModulo(directory, (path) => ({
    ...simple([]),
    name: path.slice(zeros.length + 1),
    outputs: new Map([['out', out]]),
  }));
  const [one, other] = fetchers.map((fetcher) => hashes.masked(simple([fetcher])));
  assert.deepEqual(one, other);
  assert.deepEqual(hashes.masked(simple(fetchers)), one, 'inputs of one hash are united');
});

function simple(inputs: readonly DerivationPath[]): Derivation {
  const plain = entries.find(({ file }) => file.endsWith('-plain.drv')) ?? assert.fail();
  const wanted = { outputs: ['out'], dynamic: new Map() };
  return {
    ...readFile(plain.file),
    inputDerivations: new Map(inputs.map((path) => [path, wanted])),
  };
}

function innerOf(resolution: Resolution, drvPath: string): DerivationPath | undefined {
  const inner = innerPathOf(resolution, full(drvPath));
  return inner === undefined ? undefined : derivationPath(full(inner));
}

/** The derivation that is the output of a derivation, in the two cases that have one. */
function innerPathOf({ inputs }: Resolution, outer: string): string | undefined {
  const dynamic = inputs.some(
    ({ drvPath, outputs }) => full(drvPath) === outer && outputs.length > 1,
  );
  return dynamic ? '/nix/store/ywak8zf0fys8hm97r3m01jgq26c73zlf-dyn-inner.drv' : undefined;
}

function readDerivation(path: DerivationPath): Derivation {
  return readFile(`drv/${path}`);
}

function readFile(file: string): Derivation {
  const path = derivationPath(file.slice(file.indexOf('/') + 1));
  return parseDerivation(directory, path, readFixture(file));
}

function hex(hash: Parameters<typeof printHash>[0]): string {
  return printHash(hash, 'base16');
}
