export { NixFormatError } from './format-error.ts';
export type { FormatPlace } from './format-error.ts';
export { fromBytes, fromUtf8, toBytes, toUtf8 } from './byte-string.ts';
export type { ByteString } from './byte-string.ts';
export * from './hash/hash.ts';
export * from './hash/nix32.ts';
export { createHasher } from './hash/hasher.ts';
export type { Hasher } from './hash/hasher.ts';
export * from './store-path/store-path.ts';
export * from './store-path/content-address.ts';
export * from './store-path/make-path.ts';
export * from './derivation/derivation.ts';
export { parseDerivation } from './derivation/parse-derivation.ts';
export { printDerivation } from './derivation/print-derivation.ts';
export { parseDerivationsJson } from './derivation/parse-derivation-json.ts';
export { printDerivationsJson } from './derivation/print-derivation-json.ts';
export { derivationJsonFormat } from './derivation/json-format.ts';
export type { DerivationJsonFormat } from './derivation/json-format.ts';
export type { JsonLayout } from './json/print-json.ts';
export { makeDerivationPath } from './derivation/make-derivation-path.ts';
export { resolveInputs } from './derivation/resolve-inputs.ts';
export type { OutputOf } from './derivation/resolve-inputs.ts';
export { needsResolution, resolveDerivation } from './derivation/resolve-derivation.ts';
export { hashesModulo } from './derivation/hash-modulo.ts';
export type { HashModulo, HashesModulo } from './derivation/hash-modulo.ts';
export { makeOutputPath } from './derivation/output-path.ts';
export {
  downstreamPlaceholder,
  dynamicPlaceholder,
  ownPlaceholder,
} from './derivation/placeholder.ts';
export type { Placeholder } from './derivation/placeholder.ts';
export { requiredSystemFeatures } from './derivation/system-features.ts';
export type { PathInfo } from './path-info/path-info.ts';
export { parsePathInfosJson } from './path-info/parse-path-info-json.ts';
export { printPathInfosJson } from './path-info/print-path-info-json.ts';
export type { Narinfo } from './narinfo/narinfo.ts';
export { parseNarinfo } from './narinfo/parse-narinfo.ts';
export { printNarinfo } from './narinfo/print-narinfo.ts';
export { parseCacheInfo, printCacheInfo } from './narinfo/cache-info.ts';
export type { CacheInfo } from './narinfo/cache-info.ts';
export * from './signature/key.ts';
export * from './signature/signature.ts';
export { fingerprint } from './signature/fingerprint.ts';
export type { OutputKey, SignedRealisation } from './realisation/realisation.ts';
export * from './realisation/output-key.ts';
export * from './realisation/realisation-json.ts';
export type { PathInfoJsonFormat, PathInfoJsonOptions } from './path-info/print-path-info-json.ts';
export * from './daemon/index.ts';
