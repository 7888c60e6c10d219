import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromBytes, fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { NixFormatError } from '../format-error.ts';
import { computeHash } from '../hash/hash.ts';
import {
  defaultStoreDirectory,
  derivationPath,
  parseBaseName,
  parseStorePath,
} from '../store-path/store-path.ts';
import { readFixture, readJsonFixture } from '../testing/fixture.ts';
import { environmentVariable, knownOutputPaths } from './derivation.ts';
import type { Derivation, DerivationOutput, WantedOutputs } from './derivation.ts';
import { makeDerivationPath } from './make-derivation-path.ts';
import { parseDerivation } from './parse-derivation.ts';
import { printDerivation } from './print-derivation.ts';

type Entry = {
  readonly drvPath: string;
  readonly file: string;
  readonly name: string;
  readonly type: DerivationOutput['type'];
  readonly system: string;
  readonly outputs: Readonly<Record<string, { readonly path: string | null }>>;
  readonly inputDrvs: Readonly<Record<string, unknown>>;
  readonly inputSrcs: readonly string[];
};

const directory = defaultStoreDirectory;
const entries = readJsonFixture<readonly Entry[]>('index.json');

test('every derivation is printed byte for byte as it was read', () => {
  for (const { file } of entries)
    assert.deepEqual(printDerivation(directory, read(file)), readFixture(file), file);
});

test('every derivation has the path that Nix gave it', () => {
  for (const { file, drvPath } of entries)
    assert.equal(`${directory}/${makeDerivationPath(directory, read(file))}`, drvPath);
});

test('a derivation contains what Nix says it does', () => {
  for (const entry of entries) {
    const derivation = read(entry.file);
    assert.equal(derivation.name, entry.name);
    assert.equal(derivation.system, entry.system);
    assert.deepEqual(
      full([...derivation.inputDerivations.keys()]),
      Object.keys(entry.inputDrvs).sort(),
    );
    assert.deepEqual(full(derivation.inputSources), entry.inputSrcs);
    assert.deepEqual([...derivation.outputs.keys()], Object.keys(entry.outputs).sort());
    for (const output of derivation.outputs.values()) assert.equal(output.type, entry.type);
    const known = Object.entries(entry.outputs).filter(([, { path }]) => path !== null);
    assert.deepEqual(
      new Map(
        [...knownOutputPaths(derivation)].map(([name, path]) => [name, `${directory}/${path}`]),
      ),
      new Map(known.map(([name, { path }]) => [name, path])),
    );
  }
});

test('texts may hold any bytes, also those with an escape', () => {
  const bytes = fc.uint8Array().map((array) => fromBytes(array));
  const troublesome = fc
    .array(fc.constantFrom('\\', '"', '\n', '\r', '\t', 'n', '\0', 'é', ',', ')'))
    .map((parts) => fromUtf8(parts.join('')));
  const texts = fc.oneof(bytes, troublesome);
  const variables = fc.array(fc.tuple(texts, texts)).map((pairs) => new Map(pairs));
  fc.assert(
    fc.property(
      texts,
      texts,
      fc.array(texts),
      variables,
      (system, builder, parameters, environment) => {
        const derivation = { ...simple(), system, builder, arguments: parameters, environment };
        const text = printDerivation(directory, derivation);
        const again = parseDerivation(directory, derivationPath(`${zeros}-simple.drv`), text);
        assert.deepEqual(
          { ...again, environment: sorted(again.environment) },
          {
            ...derivation,
            environment: sorted(environment),
          },
        );
      },
    ),
  );
});

test('outputs of every kind survive', () => {
  const hash = computeHash('sha256', 'contents');
  const path = parseBaseName(`${zeros}-simple`);
  const kinds: readonly DerivationOutput[] = [
    { type: 'input-addressed', path },
    { type: 'deferred' },
    ...(['flat', 'nar', 'text', 'git'] as const).flatMap((method): DerivationOutput[] => [
      { type: 'fixed', contentAddress: { method, hash }, path },
      { type: 'floating', method, algorithm: 'sha256' },
      { type: 'impure', method, algorithm: 'sha1' },
    ]),
  ];
  for (const output of kinds) {
    const derivation = { ...simple(), outputs: new Map([['out', output]]) };
    const text = printDerivation(directory, derivation);
    const again = parseDerivation(directory, derivationPath(`${zeros}-simple.drv`), text);
    assert.deepEqual(again.outputs.get('out'), output);
  }
});

test('outputs of outputs of derivations survive, however deep', () => {
  const names = fc.uniqueArray(fc.constantFrom('out', 'dev', 'doc'));
  const { wanted } = fc.letrec<{ wanted: WantedOutputs }>((tie) => ({
    wanted: fc.record(
      { outputs: names.map((list) => list.sort()), dynamic: dynamicOutputs(tie('wanted')) },
      { noNullPrototype: true },
    ),
  }));
  const input = derivationPath(`${zeros}-input.drv`);
  fc.assert(
    fc.property(wanted, (outputs) => {
      const derivation = { ...simple(), inputDerivations: new Map([[input, outputs]]) };
      const text = printDerivation(directory, derivation);
      const again = parseDerivation(directory, derivationPath(`${zeros}-simple.drv`), text);
      assert.deepEqual(again.inputDerivations.get(input), outputs);
      assert.equal(text.toString().startsWith('DrvWithVersion'), outputs.dynamic.size > 0);
    }),
  );
});

test('a derivation cut off anywhere is refused, naming it and the place', () => {
  const { file, drvPath } = entries[0] ?? assert.fail();
  const text = readFixture(file);
  const path = derivationPath(parseStorePath(directory, drvPath));
  for (let length = 0; length < text.length; length++)
    assert.throws(
      () => parseDerivation(directory, path, text.subarray(0, length)),
      (error) => error instanceof NixFormatError && error.message.startsWith(`${path} is no`),
    );
  assert.throws(
    () => parseDerivation(directory, path, Buffer.concat([text, Buffer.from(' ')])),
    /the text should end/,
  );
});

test('damage never leads to anything but a derivation or a format error', () => {
  const files = entries.map(({ file }) => readFixture(file));
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.nat(), fc.nat(255), (text, place, byte) => {
      const damaged = Buffer.from(text);
      damaged[place % damaged.length] = byte;
      try {
        parseDerivation(directory, derivationPath(`${zeros}-damaged.drv`), damaged);
      } catch (error) {
        assert.ok(error instanceof NixFormatError);
      }
    }),
  );
});

test('an error names the field and the byte where it was found', () => {
  const path = derivationPath(`${zeros}-bad.drv`);
  const good = `Derive([("out","","","")],[("/nix/store/${zeros}-a.drv",["out"])],[],"","",[],[])`;
  const dynamic = good.replace('Derive(', 'DrvWithVersion("xp-dyn-drv",');
  const nested = `${'([],[("out",'.repeat(100)}[]${')])'.repeat(100)}`;
  const bad: readonly (readonly [string, string, number])[] = [
    [good.replace('-a.drv', '-a'), 'inputDrvs', 29],
    [good.replace('/nix/store/0', '/nix/store/e'), 'inputDrvs', 40],
    [good.replace('["out"]', '["o ut"]'), 'inputDrvs', good.indexOf('["out"]') + 2],
    [good.replace('[],""', '["x"],""'), 'inputSrcs', good.indexOf('[],""') + 2],
    [good.replace('("out","","","")', '("out","","sha257","")'), 'outputs', 10],
    [good.replace('[("out","","","")]', '[]'), 'outputs', 9],
    [good.slice(0, -1), 'env', good.length - 1],
    [`${good} `, 'end', good.length],
    [dynamic.replace('["out"]', nested), 'inputDrvs', dynamic.indexOf('["out"]') + 65 * 12],
  ];
  for (const [text, field, offset] of bad)
    assert.throws(
      () => parseDerivation(directory, path, Buffer.from(text)),
      (error) => {
        assert.ok(error instanceof NixFormatError);
        assert.deepEqual({ field: error.field, offset: error.offset }, { field, offset }, text);
        assert.match(error.message, new RegExp(`${path} is no derivation: .*byte ${offset}`));
        return true;
      },
    );
});

test('outputs of several kinds, of one name, or several fixed ones are refused', () => {
  const fixed = `"/nix/store/${zeros}-a","sha256","${'0'.repeat(64)}"`;
  for (const outputs of [
    '("dev","","",""),("out","","r:sha256","")',
    '("out","","",""),("out","","","")',
    `("dev",${fixed})`,
    `("dev",${fixed}),("out",${fixed})`,
  ])
    assert.throws(
      () =>
        parseDerivation(
          directory,
          derivationPath(`${zeros}-bad.drv`),
          Buffer.from(`Derive([${outputs}],[],[],"","",[],[])`),
        ),
      { name: 'NixFormatError', field: 'outputs' },
    );
});

test('a variable is read as text, or is missing', () => {
  const environment = new Map<ByteString, ByteString>([[fromUtf8('größe'), fromUtf8('µ')]]);
  const derivation = { ...simple(), environment };
  assert.equal(environmentVariable(derivation, 'größe'), 'µ');
  assert.equal(environmentVariable(derivation, 'out'), undefined);
});

const zeros = '0'.repeat(32);

function dynamicOutputs(wanted: fc.Arbitrary<WantedOutputs>) {
  const pairs = fc.array(fc.tuple(fc.constantFrom('dev', 'out'), wanted), { maxLength: 2 });
  return fc.oneof({ maxDepth: 4 }, fc.constant([]), pairs).map((list) => new Map(list));
}

function simple(): Derivation {
  return {
    name: 'simple',
    outputs: new Map([['out', { type: 'deferred' }]]),
    inputDerivations: new Map(),
    inputSources: [],
    system: fromUtf8('x86_64-linux'),
    builder: fromUtf8('/bin/sh'),
    arguments: [],
    environment: new Map(),
  };
}

function read(file: string): Derivation {
  const path = derivationPath(file.slice(file.indexOf('/') + 1));
  return parseDerivation(directory, path, readFixture(file));
}

function full(paths: readonly string[]): string[] {
  return paths.map((path) => `${directory}/${path}`);
}

function sorted(environment: ReadonlyMap<ByteString, ByteString>): (readonly [string, string])[] {
  return [...environment].sort(([one], [other]) => (one < other ? -1 : 1));
}
