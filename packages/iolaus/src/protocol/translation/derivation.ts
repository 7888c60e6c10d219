import { create } from '@bufbuild/protobuf';
import { fromBytes, fromUtf8, makeFixedOutputPath, toBytes, toUtf8 } from '@iolaus/nix';
import type { BasicDerivation, ByteString, DerivationOutput, StoreDirectory } from '@iolaus/nix';
import { CallError } from '../call-error.ts';
import type * as wire from '../generated/nix/store/derivation/v1/derivation_pb.ts';
import {
  BasicSchema,
  OutputSchema,
  UnitSchema,
} from '../generated/nix/store/derivation/v1/derivation_pb.ts';
import {
  fromContentAddressMessage,
  fromMethodAlgorithmMessage,
  toContentAddressMessage,
  toMethodAlgorithmMessage,
} from './content-address.ts';
import { readField } from './field.ts';
import { fromStorePathMessage, fromStorePathMessages, toStorePathMessage } from './store-path.ts';

/** Structured attributes travel outside the environment, as text that nobody may reformat. */
const structuredAttributes = fromUtf8('__json');

/** Throws `CallError('invalid-argument')` for what the protocol has no form for: see `utf8` and Git trees. */
export function toBasicDerivationMessage(derivation: BasicDerivation): wire.Basic {
  const attributes = derivation.environment.get(structuredAttributes);
  return create(BasicSchema, {
    name: derivation.name,
    outputs: Object.fromEntries(mapValues(derivation.outputs, toOutputMessage)),
    inputs: derivation.inputSources.map(toStorePathMessage),
    platform: toBytes(derivation.system),
    builder: toBytes(derivation.builder),
    args: derivation.arguments.map(toBytes),
    env: Object.fromEntries(toVariables(derivation)),
    ...(attributes === undefined ? {} : { structuredAttrs: utf8('__json', attributes) }),
  });
}

/** Throws `CallError('invalid-argument')`. */
export function fromBasicDerivationMessage(
  directory: StoreDirectory,
  message: wire.Basic,
): BasicDerivation {
  const { name, structuredAttrs } = message;
  const environment = new Map(
    Object.entries(message.env).map(([key, value]) => [fromUtf8(key), fromBytes(value)]),
  );
  if (structuredAttrs !== undefined) {
    environment.set(structuredAttributes, fromUtf8(structuredAttrs));
  }
  return {
    name,
    outputs: new Map(
      Object.entries(message.outputs).map(([output, arm]) => [
        output,
        fromOutputMessage(directory, name, output, arm),
      ]),
    ),
    inputSources: fromStorePathMessages(`inputs of ${name}`, message.inputs),
    system: fromBytes(message.platform),
    builder: fromBytes(message.builder),
    arguments: message.args.map(fromBytes),
    environment,
  };
}

function* toVariables(derivation: BasicDerivation): Iterable<[string, Uint8Array]> {
  for (const [name, value] of derivation.environment) {
    if (name !== structuredAttributes) yield [utf8('variable name', name), toBytes(value)];
  }
}

function toOutputMessage(output: DerivationOutput): wire.Output {
  return create(OutputSchema, { output: toOutputArm(output) });
}

function toOutputArm(output: DerivationOutput): wire.Output['output'] {
  if (output.type === 'input-addressed') {
    return { case: 'inputAddressed', value: toStorePathMessage(output.path) };
  }
  if (output.type === 'fixed') {
    return { case: 'caFixed', value: toContentAddressMessage(output.contentAddress) };
  }
  if (output.type === 'deferred') return { case: 'deferred', value: create(UnitSchema) };
  const value = toMethodAlgorithmMessage(output);
  return output.type === 'floating' ? { case: 'caFloating', value } : { case: 'impure', value };
}

function fromOutputMessage(
  directory: StoreDirectory,
  derivation: string,
  name: string,
  { output }: wire.Output,
): DerivationOutput {
  const field = `output ${name} of ${derivation}`;
  switch (output.case) {
    case 'inputAddressed':
      return { type: 'input-addressed', path: fromStorePathMessage(field, output.value) };
    case 'caFixed': {
      const contentAddress = fromContentAddressMessage(field, output.value);
      // The path is not transmitted: it follows from the contents and the name.
      const pathName = name === 'out' ? derivation : `${derivation}-${name}`;
      const path = readField(field, () => makeFixedOutputPath(directory, pathName, contentAddress));
      return { type: 'fixed', contentAddress, path };
    }
    case 'deferred':
      return { type: 'deferred' };
    case 'caFloating':
      return { type: 'floating', ...fromMethodAlgorithmMessage(field, output.value) };
    case 'impure':
      return { type: 'impure', ...fromMethodAlgorithmMessage(field, output.value) };
    default:
      throw new CallError('invalid-argument', `missing ${field}`);
  }
}

/** Names of variables and structured attributes are text on the wire: other bytes would arrive changed. */
function utf8(what: string, bytes: ByteString): string {
  const text = toUtf8(bytes);
  if (fromUtf8(text) === bytes) return text;
  throw new CallError('invalid-argument', `a ${what} that is not UTF-8 cannot be transmitted`);
}

function* mapValues<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V) => W): Iterable<[K, W]> {
  for (const [key, value] of map) yield [key, change(value)];
}
