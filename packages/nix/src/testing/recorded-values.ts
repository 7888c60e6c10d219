import { basename } from 'node:path';
import { fromUtf8 } from '../byte-string.ts';
import type { Realisation, RealisationKey } from '../daemon/realisation.ts';
import type { DerivedPath } from '../daemon/derived-path.ts';
import type { BasicDerivation } from '../derivation/derivation.ts';
import { parseOutputFields } from '../derivation/output-fields.ts';
import { computeHash, parseHash } from '../hash/hash.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import { parseContentAddress } from '../store-path/content-address.ts';
import {
  defaultStoreDirectory,
  derivationName,
  derivationPath,
  parseBaseName,
  parseStorePath,
} from '../store-path/store-path.ts';
import type { DerivationPath, StorePath } from '../store-path/store-path.ts';

export type RecordedInfo = {
  readonly deriver: string;
  readonly narHash: string;
  readonly references: readonly string[];
  readonly registrationTime: number;
  readonly narSize: number;
  readonly ultimate: number;
  readonly sigs: readonly string[];
  readonly ca: string;
};

/** The decoded request of a recording; each has some of the fields. */
export type RecordedRequest = RecordedInfo & {
  readonly clientVersion: string;
  readonly path: string;
  readonly paths: readonly string[];
  readonly targets: readonly string[];
  readonly name: string;
  readonly data: string;
  readonly text: string;
  readonly dataHex?: string;
  readonly method: string;
  readonly hashPart: string;
  readonly id: string | readonly [derivation: string, output: string];
  readonly drvPath: string;
  readonly outputName: string;
  readonly outPath: string;
  readonly signatures: readonly string[];
  readonly link: string;
  readonly log: string;
  readonly nar: { readonly hex: string };
  readonly frames?: string;
  /** A name, not a full path, for AddBuildLog. */
  readonly drv: {
    readonly outputs: Readonly<Record<string, readonly [string, string, string]>>;
    readonly inputSrcs: readonly string[];
    readonly system: string;
    readonly builder: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
};

/** The decoded answer of a recording; each has some of the fields. */
export type RecordedResponse = RecordedInfo & {
  readonly path: string;
  readonly hex: string;
  readonly status: number;
  readonly errorMsg: string;
  readonly timesBuilt?: number;
  readonly builtOutputs?: Readonly<Record<string, string | { readonly outPath: string }>>;
  readonly willBuild: readonly string[];
  readonly willSubstitute: readonly string[];
  readonly unknown: readonly string[];
  readonly downloadSize: number;
  readonly narSize: number;
  readonly paths: readonly string[];
  readonly bytesFreed: number;
};

/** @param nar what was sent, where the recording does not say its hash and size */
export function recordedInfo(path: StorePath, fields: RecordedInfo, nar?: Buffer): PathInfo {
  return {
    path,
    deriver: fields.deriver ? full(fields.deriver) : null,
    narHash: nar === undefined ? parseHash(fields.narHash, 'sha256') : computeHash('sha256', nar),
    narSize: nar === undefined ? fields.narSize : nar.length,
    references: (fields.references ?? []).map((reference) => full(reference)),
    registrationTime: fields.registrationTime ?? 0,
    ultimate: fields.ultimate === 1,
    signatures: fields.sigs ?? [],
    contentAddress: fields.ca ? parseContentAddress(fields.ca) : null,
  };
}

export function recordedDerivation(
  path: DerivationPath,
  drv: RecordedRequest['drv'],
): BasicDerivation {
  const outputs = Object.entries(drv.outputs).map(([name, [outPath, hashAlgorithm, hash]]) => {
    const fields = { path: outPath, hashAlgorithm, hash };
    return [name, parseOutputFields(defaultStoreDirectory, fields)] as const;
  });
  const environment = Object.entries(drv.env).map(
    ([name, value]) => [fromUtf8(name), fromUtf8(value)] as const,
  );
  return {
    name: derivationName(path),
    outputs: new Map(outputs),
    inputSources: drv.inputSrcs.map((source) => full(source)),
    system: fromUtf8(drv.system),
    builder: fromUtf8(drv.builder),
    arguments: drv.args.map((argument) => fromUtf8(argument)),
    environment: new Map(environment),
  };
}

export function recordedTarget(text: string): DerivedPath {
  const [path = '', ...through] = text.split('!');
  const outputs = through.pop() ?? '*';
  // At 1.21 all outputs of a derivation are wanted by its bare path.
  if (!path.endsWith('.drv')) return { type: 'path', path: full(path) };
  return {
    type: 'outputs',
    derivation: derivation(path),
    ...(through.length > 0 ? { through } : {}),
    outputs: outputs === '*' ? 'all' : outputs.split(','),
  };
}

/** By the hash of the derivation, or its path. */
export function recordedKey(id: RecordedRequest['id']): RealisationKey {
  if (typeof id !== 'string')
    return { derivation: derivation(id[0]), derivationHash: null, output: id[1] };
  const [hash = '', output = ''] = id.split('!');
  return { derivation: null, derivationHash: parseHash(hash), output };
}

export function recordedRealisation(response: unknown): Realisation | null {
  const first: unknown = Array.isArray(response) ? response[0] : response;
  const { outPath, signatures } = Object(typeof first === 'string' ? JSON.parse(first) : first);
  if (outPath === undefined) return null;
  return { path: parseBaseName(basename(outPath)), signatures };
}

/** The outputs an answer tells, by name. */
export function recordedOutput([id, value]: readonly [
  string,
  string | { readonly outPath: string },
]) {
  const { outPath } = typeof value === 'string' ? JSON.parse(value) : value;
  const name = id.replace(/^.*!/, '');
  const path = String(outPath);
  return [name, path.startsWith('/') ? path : `${defaultStoreDirectory}/${path}`] as const;
}

export function full(path: string): StorePath {
  return parseStorePath(defaultStoreDirectory, path);
}

export function derivation(path: string): DerivationPath {
  return derivationPath(full(path));
}
