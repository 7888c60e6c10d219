import { fromUtf8 } from '../byte-string.ts';
import type { JsonReader } from '../json/json-reader.ts';
import { jsonObject } from '../json/json-value.ts';
import type { JsonValue } from '../json/json-value.ts';

/** `<key name>:<base64>` as one text, or in two as newer formats have it. */
export type SignatureForm = 'text' | 'structured';

/** Signatures as Nix lists them in JSON: in their order, each once. */
export function describeSignatures(signatures: readonly string[], form: SignatureForm): JsonValue {
  const sorted = [...new Set(signatures)].sort();
  return sorted.map((signature) =>
    form === 'text' ? fromUtf8(signature) : describeParts(signature),
  );
}

function describeParts(signature: string): JsonValue {
  const colon = signature.indexOf(':');
  return jsonObject({
    keyName: fromUtf8(signature.slice(0, colon)),
    sig: fromUtf8(signature.slice(colon + 1)),
  });
}

/** The member `signatures` of an object, in either form; none where it is missing. */
export function readSignatures(owner: JsonReader): readonly string[] {
  return (owner.optional('signatures')?.items() ?? []).map((item) =>
    item.isObject ? `${item.member('keyName').text()}:${item.member('sig').text()}` : item.text(),
  );
}
