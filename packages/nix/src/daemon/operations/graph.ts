import { since } from '../protocol.ts';
import { list, mapOf, record } from '../wire/composite.ts';
import { drvPath, optionalPath, path, text } from '../wire/layout.ts';
import { operation } from './operation.ts';

export const queryReferrers = operation('QueryReferrers', 6, {
  request: record({ path }),
  reply: list(path),
});

export const queryValidDerivers = operation('QueryValidDerivers', 33, {
  request: record({ path }),
  reply: list(drvPath),
});

export const queryPathFromHashPart = operation('QueryPathFromHashPart', 29, {
  request: record({ digest: text }),
  reply: optionalPath,
});

/** The derivation must be valid. Null for outputs that nobody has built yet. */
export const queryDerivationOutputMap = operation('QueryDerivationOutputMap', 41, {
  since: since.derivationOutputMap,
  request: record({ derivation: drvPath }),
  reply: mapOf(text, optionalPath),
});
