import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  defaultStoreDirectory,
  parseDerivation,
  requiredSystemFeatures,
  storeDirectory,
  toUtf8,
} from '@iolaus/nix';
import type { DerivationPath, StoreDirectory } from '@iolaus/nix';
import { openDatabase } from '../../database/connection/connection.ts';
import {
  readLastEvaluations,
  readRecordedWork,
} from '../../database/evaluations/read-recorded-work.ts';
import { Fault } from '../../fault/fault.ts';
import { traceLines } from '../../simulator/replay/record-trace.ts';
import type { KnownDerivation } from '../../simulator/replay/record-trace.ts';
import { parseCount, parseParameters, refusePositionals } from '../command.ts';

export const helpOfExport = `  --export FILE          writes such a graph from what a farm has built
  --db-url URL           its database
  --evaluation ID        of this evaluation; may be given several times (default: the last 10)
  --store DIRECTORY      where the derivations are (default: /nix/store)`;

const evaluationsByDefault = 10;

/** `iolaus simulate --export`. */
export async function simulateExport(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('simulate', parameters, {
    export: { type: 'string', default: '' },
    'db-url': { type: 'string' },
    evaluation: { type: 'string', multiple: true, default: [] },
    store: { type: 'string', default: defaultStoreDirectory },
  });
  refusePositionals('simulate', positionals);
  const url = values['db-url'];
  if (url === undefined) {
    throw new Fault('bad-usage', 'iolaus simulate --export needs a database', {
      remedy: 'Give --db-url postgres://USER@HOST/NAME.',
    });
  }
  const asked = values.evaluation.map((text) => parseCount('--evaluation', text, 1));
  await using resources = new AsyncDisposableStack();
  const database = resources.adopt(
    await openDatabase({ url, maxConnections: 1, applicationName: 'iolaus' }),
    (opened) => opened.close(),
  );
  const evaluations =
    asked.length > 0 ? asked : await readLastEvaluations(database, evaluationsByDefault);
  const work = await readRecordedWork(database, evaluations);
  if (work.steps.length === 0) {
    throw new Fault('bad-trace', 'nothing was built for these evaluations', {
      remedy: 'Name others with --evaluation.',
    });
  }
  const unreadable = new Set<DerivationPath>();
  const directory = storeDirectory(values.store);
  await using file = await open(values.export, 'w');
  for (const line of traceLines(work, (path) => readDerivation(directory, path, unreadable))) {
    await file.write(`${JSON.stringify(line)}\n`);
  }
  console.log(`${work.steps.length} steps of ${evaluations.length} evaluations: ${values.export}`);
  if (unreadable.size > 0) {
    console.error(`${unreadable.size} derivations are gone: the trace does not know their inputs.`);
  }
  return 0;
}

/** Null if it is not there any more. */
function readDerivation(
  directory: StoreDirectory,
  path: DerivationPath,
  unreadable: Set<DerivationPath>,
): KnownDerivation | null {
  let text: Buffer;
  try {
    text = readFileSync(join(directory, path));
  } catch {
    unreadable.add(path);
    return null;
  }
  const derivation = parseDerivation(directory, path, text);
  return {
    system: toUtf8(derivation.system),
    inputs: [...derivation.inputDerivations.keys()],
    requiredFeatures: requiredSystemFeatures(derivation),
  };
}
