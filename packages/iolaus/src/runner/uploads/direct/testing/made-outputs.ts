import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultStoreDirectory, fromUtf8, hashPath, makeFixedOutputPath } from '@iolaus/nix';
import type {
  ContentAddress,
  Derivation,
  DerivationOutput,
  PathInfo,
  StorePath,
} from '@iolaus/nix';
import type { Derivations } from '../../../store/derivations.ts';

export type OutputOptions = {
  /** The outputs lie where their contents say, which only the build can tell. */
  readonly floating?: boolean;
  readonly largeBytes?: number;
};

/** Two outputs of one derivation, where the large one refers to the small one. */
export type MadeOutputs = {
  readonly small: PathInfo;
  readonly large: PathInfo;
  /** Whichever is asked for, it is theirs. */
  readonly derivations: Pick<Derivations, 'read' | 'resolve'>;
};

/** Two parts. */
const largeBytesUsual = 6 * 2 ** 20;

/** Puts them into a folder, as if it were a store. */
export async function makeOutputs(
  folder: string,
  { floating = false, largeBytes = largeBytesUsual }: OutputOptions,
): Promise<MadeOutputs> {
  const make = async (name: string, contents: Buffer, references: readonly StorePath[]) => {
    const made = await makeOutput(folder, name, contents, references);
    return floating ? made : { ...made, contentAddress: null };
  };
  const small = await make('program-lib', randomBytes(1_000), []);
  const contents = Buffer.concat([randomBytes(largeBytes), Buffer.from(small.path)]);
  const large = await make('program', contents, [small.path]);
  const outputOf = ({ path }: PathInfo): DerivationOutput =>
    floating
      ? { type: 'floating', method: 'nar', algorithm: 'sha256' }
      : { type: 'input-addressed', path };
  const outputs = new Map([
    ['lib', outputOf(small)],
    ['out', outputOf(large)],
  ]);
  const derivation: Derivation = {
    name: 'program',
    outputs,
    inputSources: [],
    inputDerivations: new Map(),
    system: fromUtf8(''),
    builder: fromUtf8(''),
    arguments: [],
    environment: new Map(),
  };
  return { small, large, derivations: { read: () => derivation, resolve: () => derivation } };
}

async function makeOutput(
  folder: string,
  name: string,
  contents: Uint8Array,
  references: readonly StorePath[],
): Promise<PathInfo> {
  const file = join(folder, name);
  await writeFile(file, contents);
  const { hash, size } = await hashPath(file);
  const contentAddress: ContentAddress = { method: 'nar', hash };
  const places = { paths: references, self: false };
  const path = makeFixedOutputPath(defaultStoreDirectory, name, contentAddress, places);
  await rename(file, join(folder, path));
  return {
    path,
    deriver: null,
    narHash: hash,
    narSize: size,
    references,
    contentAddress,
    registrationTime: 0,
    ultimate: true,
    signatures: [],
  };
}
