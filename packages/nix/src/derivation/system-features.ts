import { NixFormatError, readAt } from '../format-error.ts';
import { parseJson } from '../json/parse-json.ts';
import { environmentVariable } from './derivation.ts';
import type { BasicDerivation, DerivationOutput } from './derivation.ts';

const attributesVariable = '__json';
const featuresKey = 'requiredSystemFeatures';

/**
 * The features a machine must have to build this, such as `kvm` or `big-parallel`. Read from the
 * structured attributes where there are any, else from the environment. No derivation says what its kind of
 * outputs needs: `ca-derivations` where no path is known, `impure-derivations`, and `dynamic-derivations` for a text,
 * which is a derivation as a rule. A machine has these as soon as its Nix has the experimental feature.
 * @throws NixFormatError for structured attributes that are not JSON, with the byte in them
 */
export function requiredSystemFeatures(derivation: BasicDerivation): string[] {
  const structured = environmentVariable(derivation, attributesVariable);
  const stated =
    structured === undefined
      ? (environmentVariable(derivation, featuresKey) ?? '').split(/\s+/).filter(Boolean)
      : structuredFeatures(structured);
  return [...new Set([...stated, ...derivation.outputs.values().flatMap(impliedFeatures)])];
}

function structuredFeatures(json: string): string[] {
  // Attributes can be megabytes; most derivations state no features.
  if (!json.includes(featuresKey)) return [];
  const attributes = parseAttributes(json);
  if (typeof attributes !== 'object' || attributes === null) return [];
  const features: unknown = Object.getOwnPropertyDescriptor(attributes, featuresKey)?.value;
  return Array.isArray(features) ? features.filter((item) => typeof item === 'string') : [];
}

function parseAttributes(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    // Our own reader takes longer, and tells where the fault is.
    const place = { offset: 0, field: attributesVariable };
    readAt(place, () => parseJson(Buffer.from(json)));
    const reason = 'the structured attributes are not JSON';
    throw new NixFormatError(reason, { ...place, cause: error });
  }
}

function impliedFeatures(output: DerivationOutput): string[] {
  if (output.type === 'input-addressed' || output.type === 'fixed') return [];
  return [
    'ca-derivations',
    ...(output.type === 'impure' ? ['impure-derivations'] : []),
    ...(output.type !== 'deferred' && output.method === 'text' ? ['dynamic-derivations'] : []),
  ];
}
