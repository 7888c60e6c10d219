import {
  computeHash,
  defaultStoreDirectory,
  derivationPath,
  fromUtf8,
  makeDerivationPath,
  makeTextPath,
  parseDerivation,
  printDerivation,
} from '@iolaus/nix';
import type { Derivation, DerivationPath, StorePath } from '@iolaus/nix';
import { median } from '../report.ts';

/** Enough that none is in the processor's caches when it comes up again. */
const smallOnes = 10_000;
const rounds = 7;
const bytesInMegabyte = 1024 * 1024;
const directory = defaultStoreDirectory;

type File = { readonly path: DerivationPath; readonly text: Buffer };

export type DerivationFigures = {
  readonly smallDrvsPerSecond: number;
  readonly largeDrvMs: number;
};

/** How fast the texts of derivations become objects, on one core: many of 2 KB as nixpkgs has them, and one of 5 MB. */
export function measureDerivations(): {
  readonly figures: DerivationFigures;
  readonly explanation: string;
} {
  const small = Array.from({ length: smallOnes }, (_, index) => fileOf(packageLike(index)));
  const large = fileOf(enormous());
  const mean = Math.round(small.reduce((sum, { text }) => sum + text.length, 0) / smallOnes);
  const megabytes = (large.text.length / bytesInMegabyte).toFixed(1);
  return {
    figures: {
      smallDrvsPerSecond: smallOnes / measure(small),
      largeDrvMs: measure([large]) * 1000,
    },
    explanation: [
      `smallDrvsPerSecond  derivations of ${mean} bytes read from memory; at least 40000`,
      `largeDrvMs          one of ${megabytes} MB with 20,000 inputs and much structured text; at most 100`,
    ].join('\n'),
  };
}

function measure(files: readonly File[]): number {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    for (const { path, text } of files) parseDerivation(directory, path, text);
    seconds.push((performance.now() - start) / 1000);
  }
  return median(seconds);
}

function fileOf(derivation: Derivation): File {
  const path = makeDerivationPath(directory, derivation);
  return { path, text: printDerivation(directory, derivation) };
}

/** A package with the inputs and variables that one of nixpkgs has. */
function packageLike(index: number): Derivation {
  const inputs = Array.from({ length: 12 }, (_, input) =>
    madePath(`input-${input}-1.${index}.drv`),
  );
  const builder = `${directory}/${madePath('bash-5.2p37')}/bin/bash`;
  const script = madePath('default-builder.sh');
  const out = madePath(`package-${index}-1.0`);
  const variables = {
    __structuredAttrs: '',
    buildInputs: `${directory}/${madePath('zlib-1.3-dev')} ${directory}/${madePath('openssl-3.4-dev')}`,
    builder,
    cmakeFlags: '',
    configureFlags: '--enable-shared --disable-static --with-ssl',
    depsBuildBuild: '',
    doCheck: '1',
    name: `package-${index}-1.0`,
    nativeBuildInputs: `${directory}/${madePath('pkg-config-0.29')}`,
    out: `${directory}/${out}`,
    patches: '',
    postInstall: 'mkdir -p "$out/share"\ncp -r doc "$out/share"\n',
    src: `${directory}/${madePath('source.tar.gz')}`,
    stdenv: `${directory}/${madePath('stdenv-linux')}`,
    strictDeps: '1',
    system: 'x86_64-linux',
    version: '1.0',
  };
  return derivationOf(`package-${index}-1.0`, out, inputs, variables, { builder, script });
}

function enormous(): Derivation {
  const inputs = Array.from({ length: 20_000 }, (_, index) => madePath(`package-${index}-1.0.drv`));
  const attributes = Array.from({ length: 34_000 }, (_, index) => [
    `attribute-${index}`,
    { path: `${directory}/${madePath(`text-${index % 100}`)}`, note: 'two\nlines' },
  ]);
  const json = JSON.stringify(Object.fromEntries(attributes));
  const place = { builder: '/bin/sh', script: madePath('builder.sh') };
  return derivationOf('enormous', madePath('enormous'), inputs, { __json: json }, place);
}

function derivationOf(
  name: string,
  out: StorePath,
  inputs: readonly StorePath[],
  variables: Readonly<Record<string, string>>,
  { builder, script }: { readonly builder: string; readonly script: StorePath },
): Derivation {
  const wanted = { outputs: ['out'], dynamic: new Map() };
  return {
    name,
    outputs: new Map([['out', { type: 'input-addressed', path: out }]]),
    inputDerivations: new Map(inputs.map((path) => [derivationPath(path), wanted])),
    inputSources: [script],
    system: fromUtf8('x86_64-linux'),
    builder: fromUtf8(builder),
    arguments: [fromUtf8('-e'), fromUtf8(`${directory}/${script}`)],
    environment: new Map(
      Object.entries(variables).map(([key, value]) => [fromUtf8(key), fromUtf8(value)]),
    ),
  };
}

function madePath(name: string): StorePath {
  return makeTextPath(directory, name, computeHash('sha256', name));
}
