import {
  defaultStoreDirectory,
  derivationPath,
  digestSize,
  fromBytes,
  fromUtf8,
  makeFixedOutputPath,
  makeHash,
  parseBaseName,
} from '@iolaus/nix';
import type {
  BasicDerivation,
  ByteString,
  ContentAddress,
  DerivationOutput,
  DerivationPath,
  Hash,
  HashAlgorithm,
  PathInfo,
  StorePath,
} from '@iolaus/nix';
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { parseAttemptUuid, parseBuilderUuid, parseMachineUuid } from '../identity.ts';
import type { AttemptUuid, BuilderUuid, MachineUuid } from '../identity.ts';
import { required } from '../translation/field.ts';

/** As `fc.record`, but of objects as our own code makes them. */
export const record = <T>(model: { readonly [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });

const digest = fc.string({
  unit: fc.constantFrom(...'0123456789abcdfghijklmnpqrsvwxyz'.split('')),
  minLength: 32,
  maxLength: 32,
});
const name = fc.stringMatching(/^[a-z0-9][a-zA-Z0-9+._?=-]{0,20}$/);

export const storePath: Arbitrary<StorePath> = fc
  .tuple(digest, name)
  .map(([hash, text]) => parseBaseName(`${hash}-${text}`));

export const drvPath: Arbitrary<DerivationPath> = fc
  .tuple(digest, name)
  .map(([hash, text]) => derivationPath(`${hash}-${text}.drv`));

export const attemptUuid: Arbitrary<AttemptUuid> = fc
  .uuid()
  .map((text) => required('uuid', parseAttemptUuid(text)));
export const machineUuid: Arbitrary<MachineUuid> = fc
  .uuid()
  .map((text) => required('uuid', parseMachineUuid(text)));
export const builderUuid: Arbitrary<BuilderUuid> = fc
  .uuid()
  .map((text) => required('uuid', parseBuilderUuid(text)));

const algorithm = fc.constantFrom<HashAlgorithm>('md5', 'sha1', 'sha256', 'sha512', 'blake3');

const hashBy = (kind: HashAlgorithm): Arbitrary<Hash> =>
  fc
    .uint8Array({ minLength: digestSize(kind), maxLength: digestSize(kind) })
    .map((bytes) => makeHash(kind, bytes));

export const sha256: Arbitrary<Hash> = hashBy('sha256');
const anyHash = algorithm.chain(hashBy);

const contentAddress: Arbitrary<ContentAddress> = fc.oneof(
  record({ method: fc.constant('text' as const), hash: sha256 }),
  record({ method: fc.constantFrom('flat' as const, 'nar' as const), hash: anyHash }),
);

/** A size or count, also beyond four bytes. */
export const natural: Arbitrary<number> = fc.maxSafeNat();

export const orNull = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | null> =>
  fc.option(arbitrary, { nil: null });

/** Text with everything that JavaScript holds for text; protobuf wants it well formed. */
export const text: Arbitrary<string> = fc.string({ unit: 'binary' });

/** A map that has the keys which objects stumble over as often as others. */
export const mapOf = <T>(value: Arbitrary<T>): Arbitrary<Map<string, T>> =>
  fc
    .array(fc.tuple(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', '0')), value))
    .map((entries) => new Map(entries));

export const pathInfo: Arbitrary<PathInfo> = record({
  path: storePath,
  deriver: orNull<StorePath>(drvPath),
  narHash: sha256,
  narSize: natural,
  references: fc.array(storePath),
  registrationTime: natural,
  ultimate: fc.boolean(),
  signatures: fc.array(
    fc.tuple(fc.stringMatching(/^[a-z0-9.-]+$/), fc.base64String()).map((pair) => pair.join(':')),
  ),
  contentAddress: orNull(contentAddress),
});

const bytes: Arbitrary<ByteString> = fc.uint8Array({ maxLength: 40 }).map(fromBytes);
const utf8Bytes: Arbitrary<ByteString> = text.map(fromUtf8);

type WithoutPath = Exclude<DerivationOutput, { readonly type: 'fixed' }> | ContentAddress;

const output: Arbitrary<WithoutPath> = fc.oneof(
  record({ type: fc.constant('input-addressed' as const), path: storePath }),
  contentAddress,
  record({ type: fc.constant('deferred' as const) }),
  record({
    type: fc.constantFrom('floating' as const, 'impure' as const),
    method: fc.constantFrom('flat' as const, 'nar' as const),
    algorithm,
  }),
);

export const basicDerivation: Arbitrary<BasicDerivation> = record({
  name,
  outputs: fc.array(fc.tuple(fc.constantFrom('out', 'dev', 'doc'), output)),
  inputSources: fc.array(storePath),
  system: bytes,
  builder: bytes,
  arguments: fc.array(bytes),
  environment: fc.array(
    fc.oneof(
      fc.tuple(fc.oneof(utf8Bytes, fc.constant(fromUtf8('__proto__'))), bytes),
      fc.tuple(fc.constant(fromUtf8('__json')), utf8Bytes),
    ),
  ),
}).map(({ name: derivation, outputs, inputSources, system, builder, environment, ...rest }) => ({
  name: derivation,
  outputs: new Map(outputs.map(([key, value]) => [key, withPath(derivation, key, value)])),
  inputSources,
  system,
  builder,
  arguments: rest.arguments,
  environment: new Map(environment),
}));

/** A fixed output's path follows from the rest. */
function withPath(derivation: string, key: string, value: WithoutPath): DerivationOutput {
  if ('type' in value) return value;
  const pathName = key === 'out' ? derivation : `${derivation}-${key}`;
  const path = makeFixedOutputPath(defaultStoreDirectory, pathName, value);
  return { type: 'fixed', contentAddress: value, path };
}

/** The same bytes, cut anywhere, also into nothing. */
export function cutAnywhere(whole: Uint8Array): Arbitrary<Uint8Array[]> {
  return fc.array(fc.nat(whole.length)).map((places) => {
    const ends = [...places.sort((one, other) => one - other), whole.length];
    return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
  });
}
