import { readFile } from 'node:fs/promises';
import {
  derivationPath,
  outputPath,
  parseDerivation,
  parseStorePath,
  storePathName,
  toUtf8,
} from '@iolaus/nix';
import type { DerivationPath, StoreDirectory, StorePath } from '@iolaus/nix';
import type { FoundMeta } from './walk-record.ts';

/** What a derivation says of itself for people and for scheduling (`meta`); null where it says nothing. */
export type JobMeta = {
  readonly description: string | null;
  readonly homepage: string | null;
  /** Short names. */
  readonly license: readonly string[];
  /** Mail addresses. */
  readonly maintainers: readonly string[];
  readonly schedulingPriority: number | null;
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
  readonly isChannel: boolean;
};

/** A derivation that a file wants built. */
export type Job = {
  /** Dotted attribute path, with quotes around names that have a dot. */
  readonly attribute: string;
  readonly name: string;
  readonly system: string;
  readonly derivation: DerivationPath;
  /** Null where the path is not known before the build. */
  readonly outputs: ReadonlyMap<string, StorePath | null>;
  readonly meta: JobMeta;
};

const extension = '.drv';

/** Takes the facts from the derivation itself, which the attributes of an expression need not agree with. */
export async function readJob(
  storeDirectory: StoreDirectory,
  attribute: string,
  found: { readonly drvPath: string; readonly meta: FoundMeta },
): Promise<Job> {
  const path = derivationPath(parseStorePath(storeDirectory, found.drvPath));
  const derivation = parseDerivation(storeDirectory, path, await readFile(found.drvPath));
  return {
    attribute,
    name: storePathName(path).slice(0, -extension.length),
    system: toUtf8(derivation.system),
    derivation: path,
    outputs: new Map([...derivation.outputs].map(([name, output]) => [name, outputPath(output)])),
    meta: readMeta(found.meta),
  };
}

/** Hydra takes empty texts and zero for not said. */
function readMeta(found: FoundMeta): JobMeta {
  return {
    description: found.description || null,
    homepage: found.homepage[0] || null,
    license: found.license,
    maintainers: found.maintainers,
    schedulingPriority: readNumber(found.schedulingPriority),
    maxSilentSeconds: readNumber(found.maxSilent),
    timeoutSeconds: readNumber(found.timeout),
    isChannel: found.isChannel,
  };
}

/** People write numbers as strings, too. */
function readNumber(value: number | string | null): number | null {
  const number = Number.parseInt(String(value), 10);
  return Number.isSafeInteger(number) && number !== 0 ? number : null;
}
