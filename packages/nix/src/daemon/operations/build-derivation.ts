import { knownOutputPaths } from '../../derivation/derivation.ts';
import type { BasicDerivation } from '../../derivation/derivation.ts';
import { printOutputFields } from '../../derivation/output-fields.ts';
import type { DerivationPath } from '../../store-path/store-path.ts';
import { readBuildResult } from '../build-result.ts';
import type { BuildResult } from '../build-result.ts';
import type { WireWriter } from '../wire/writer.ts';
import { operationNumber } from './operation.ts';
import type { Operation } from './operation.ts';

/** `repair` and `check` need outputs that are valid already; the latter builds again and compares. */
export type BuildMode = 'normal' | 'repair' | 'check';

const modeNumbers: Readonly<Record<BuildMode, number>> = { normal: 0, repair: 1, check: 2 };

export function buildDerivation(
  path: DerivationPath,
  derivation: BasicDerivation,
  mode: BuildMode,
): Operation<BuildResult> {
  return {
    write(request) {
      request.int(operationNumber.buildDerivation).path(path);
      writeBasicDerivation(request, derivation);
      request.int(modeNumbers[mode]);
    },
    read: (reply, protocol) => readBuildResult(reply, protocol, knownOutputPaths(derivation)),
  };
}

function writeBasicDerivation(request: WireWriter, derivation: BasicDerivation): void {
  request
    .list(derivation.outputs, ([name, output]) => {
      const fields = printOutputFields(request.directory, output);
      request.text(name).text(fields.path).text(fields.hashAlgorithm).text(fields.hash);
    })
    .paths(derivation.inputSources)
    .string(derivation.system)
    .string(derivation.builder)
    .list(derivation.arguments, (argument) => request.string(argument))
    .list(derivation.environment, ([name, value]) => request.string(name).string(value));
}
