import type { BasicDerivation } from '../../derivation/derivation.ts';
import { parseOutputFields, printOutputFields } from '../../derivation/output-fields.ts';
import { derivationName } from '../../store-path/store-path.ts';
import { buildResult } from '../build-result.ts';
import { derivedPath } from '../derived-path.ts';
import { since } from '../protocol.ts';
import { list, mapOf, mapped, record } from '../wire/composite.ts';
import { byteString, drvPath, numbered, path, text, unit } from '../wire/layout.ts';
import type { Layout } from '../wire/layout.ts';
import type { DerivationOutput } from '../../derivation/derivation.ts';
import { acknowledgement, operation } from './operation.ts';

/** `repair` and `check` need outputs that are valid already; the latter builds again and compares. */
export type BuildMode = 'normal' | 'repair' | 'check';

const mode: Layout<BuildMode> = numbered({ normal: 0, repair: 1, check: 2 }, 'normal');

/** A failed build is an error. */
export const buildPaths = operation('BuildPaths', 9, {
  request: record({ targets: list(derivedPath), mode }),
  reply: acknowledgement,
});

/** In any order, and without those that were not begun. */
export const buildPathsWithResults = operation('BuildPathsWithResults', 46, {
  since: since.buildResults,
  request: record({ targets: list(derivedPath), mode }),
  reply: list(record({ target: derivedPath, result: buildResult })),
});

const output: Layout<DerivationOutput> = unit(
  (writer, value) => {
    const fields = printOutputFields(writer.directory, value);
    writer.text(fields.path).text(fields.hashAlgorithm).text(fields.hash);
  },
  (cursor) => {
    const outPath = cursor.text();
    const hashAlgorithm = cursor.text();
    return cursor.parsed((hash) =>
      parseOutputFields(cursor.directory, { path: outPath, hashAlgorithm, hash }),
    );
  },
);

const basicDerivation: Layout<Omit<BasicDerivation, 'name'>> = record({
  outputs: mapOf(text, output),
  inputSources: list(path),
  system: byteString,
  builder: byteString,
  arguments: list(byteString),
  environment: mapOf(byteString, byteString),
});

/** Builds what is sent and not what is in the store; the path only names it. */
export const buildDerivation = operation('BuildDerivation', 36, {
  request: mapped(
    record({ path: drvPath, derivation: basicDerivation, mode }),
    ({ derivation, ...rest }) => ({
      ...rest,
      derivation: { name: derivationName(rest.path), ...derivation },
    }),
    (request) => request,
  ),
  reply: buildResult,
});
