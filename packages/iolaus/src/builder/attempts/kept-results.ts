import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { derivationPath } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import { z } from 'zod';
import { decodeReport, encodeReport } from '../../protocol/stored-report.ts';
import type { StoredReport } from '../../protocol/stored-report.ts';

/** An attempt that is over, and of which the runner has not taken note. */
export type FinishedAttempt = {
  readonly fence: number;
  readonly derivationPath: DerivationPath;
  readonly report: StoredReport;
};

const kept = z.strictObject({
  fence: z.number().int(),
  derivation: z.string(),
  report: z.base64(),
});

const ending = '.result';

/** Keeps a result for the next life of the builder. There are no more of them than attempts that it held. */
export function keepResult(folder: string, finished: FinishedAttempt): void {
  const { fence, derivationPath: derivation, report } = finished;
  const path = join(folder, `${report.attempt}${ending}`);
  const encoded = Buffer.from(encodeReport(report)).toString('base64');
  writeFileSync(`${path}.new`, JSON.stringify({ fence, derivation, report: encoded }), {
    mode: 0o600,
  });
  renameSync(`${path}.new`, path);
}

export function dropResult(folder: string, { attempt }: StoredReport): void {
  rmSync(join(folder, `${attempt}${ending}`), { force: true });
}

/** What an earlier life has kept. Everything else in the folder belongs to attempts that ended with it, and goes. */
export function readKeptResults(folder: string): FinishedAttempt[] {
  const names = readdirSync(folder);
  const finished = names
    .filter((name) => name.endsWith(ending))
    .flatMap((name) => readResult(join(folder, name)) ?? []);
  const wanted = new Set(
    finished.flatMap(({ report: { attempt } }) => [`${attempt}${ending}`, `${attempt}.log`]),
  );
  for (const name of names) if (!wanted.has(name)) rmSync(join(folder, name), { recursive: true });
  return finished;
}

/** Null for what cannot be read: the attempt is lost then, and tried again. */
function readResult(path: string): FinishedAttempt | null {
  try {
    const { fence, derivation, report } = kept.parse(JSON.parse(readFileSync(path, 'utf8')));
    return {
      fence,
      derivationPath: derivationPath(derivation),
      report: decodeReport(Buffer.from(report, 'base64')),
    };
  } catch {
    return null;
  }
}
