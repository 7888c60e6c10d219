import { NixFormatError, errorAbout, errorAt, readAt } from '../format-error.ts';
import type { ByteString } from '../byte-string.ts';
import {
  checkStorePathName,
  derivationName,
  derivationPath,
  parseStorePath,
} from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import { AtermReader } from './aterm-reader.ts';
import { checkOutputKinds } from './check-outputs.ts';
import type { Derivation, DerivationOutput, WantedOutputs } from './derivation.ts';
import { parseOutputFields } from './output-fields.ts';

const none: ReadonlyMap<string, WantedOutputs> = new Map();

/**
 * Reads the text of a `.drv` file, in the plain form or the one for dynamic derivations.
 * @param path tells the derivation's name, which the text does not contain
 * @throws NixFormatError that names the derivation, the field and the byte
 */
export function parseDerivation(
  directory: StoreDirectory,
  path: DerivationPath,
  text: Uint8Array,
): Derivation {
  const name = derivationName(path);
  let term: AtermReader | undefined;
  try {
    term = new AtermReader(text);
    return readDerivation(directory, name, term);
  } catch (error) {
    throw errorAbout(`${path} is no derivation`, placed(error, term));
  }
}

/** What knows no field is about the string that was read last. */
function placed(error: unknown, term: AtermReader | undefined): unknown {
  const lacksPlace = error instanceof NixFormatError && error.field === null;
  return lacksPlace && term !== undefined ? errorAt(term.lastString, error) : error;
}

function readDerivation(directory: StoreDirectory, name: string, term: AtermReader): Derivation {
  const dynamic = term.startsWith('DrvWithVersion');
  term.expect(dynamic ? 'DrvWithVersion("xp-dyn-drv",' : 'Derive(');
  term.field = 'outputs';
  const outputs = readOutputs(directory, term);
  term.expect(',');
  term.field = 'inputDrvs';
  const inputDerivations = readInputDerivations(directory, term, dynamic);
  term.expect(',');
  term.field = 'inputSrcs';
  const inputSources = readInputSources(directory, term);
  term.expect(',');
  term.field = 'system';
  const system = term.readString();
  term.expect(',');
  term.field = 'builder';
  const builder = term.readString();
  term.expect(',');
  term.field = 'args';
  const parameters = readStrings(term);
  term.expect(',');
  term.field = 'env';
  const environment = readEnvironment(term);
  term.expect(')');
  term.field = 'end';
  term.expectEnd();
  return {
    name,
    outputs,
    inputDerivations,
    inputSources,
    system,
    builder,
    arguments: parameters,
    environment,
  };
}

function readOutputs(directory: StoreDirectory, term: AtermReader): Map<string, DerivationOutput> {
  const outputs = new Map<string, DerivationOutput>();
  term.readList(() => {
    term.expect('(');
    const name = readOutputName(term);
    const place = term.lastString;
    if (outputs.has(name)) term.fail(`there is an output '${name}' already`);
    term.expect(',');
    const path = term.readString();
    term.expect(',');
    const hashAlgorithm = term.readString();
    term.expect(',');
    const hash = term.readString();
    const fields = { path, hashAlgorithm, hash };
    outputs.set(
      name,
      readAt(place, () => parseOutputFields(directory, fields)),
    );
    term.expect(')');
  });
  const wrong = checkOutputKinds(outputs);
  if (wrong !== null) term.fail(wrong);
  return outputs;
}

function readInputDerivations(
  directory: StoreDirectory,
  term: AtermReader,
  dynamic: boolean,
): Map<DerivationPath, WantedOutputs> {
  const inputs = new Map<DerivationPath, WantedOutputs>();
  term.readList(() => {
    term.expect('(');
    const path = derivationPath(parseStorePath(directory, term.readString()));
    if (inputs.has(path)) term.fail(`there is an input ${path} already`);
    term.expect(',');
    inputs.set(path, readWantedOutputs(term, dynamic));
    term.expect(')');
  });
  return inputs;
}

function readWantedOutputs(term: AtermReader, dynamic: boolean): WantedOutputs {
  if (!dynamic || !term.startsWith('(')) return { outputs: readOutputNames(term), dynamic: none };
  term.expect('(');
  const outputs = readOutputNames(term);
  term.expect(',');
  const ofOutputs = new Map<string, WantedOutputs>();
  term.readList(() => {
    term.expect('(');
    const name = readOutputName(term);
    term.expect(',');
    ofOutputs.set(
      name,
      term.readNested(() => readWantedOutputs(term, dynamic)),
    );
    term.expect(')');
  });
  term.expect(')');
  return { outputs, dynamic: ofOutputs };
}

function readInputSources(directory: StoreDirectory, term: AtermReader): StorePath[] {
  const paths: StorePath[] = [];
  term.readList(() => paths.push(parseStorePath(directory, term.readString())));
  return paths;
}

function readOutputNames(term: AtermReader): string[] {
  const names: string[] = [];
  term.readList(() => names.push(readOutputName(term)));
  return names;
}

function readOutputName(term: AtermReader): string {
  const name = term.readString();
  checkStorePathName(name);
  return name;
}

function readStrings(term: AtermReader): ByteString[] {
  const strings: ByteString[] = [];
  term.readList(() => strings.push(term.readString()));
  return strings;
}

function readEnvironment(term: AtermReader): Map<ByteString, ByteString> {
  const environment = new Map<ByteString, ByteString>();
  term.readList(() => {
    term.expect('(');
    const name = term.readString();
    term.expect(',');
    environment.set(name, term.readString());
    term.expect(')');
  });
  return environment;
}
