import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { DaemonConnection, derivationPath, printStorePath } from '@iolaus/nix';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { scriptExpression } from './script-expression.ts';

/** A derivation in the store, by its name in the set that it is from. Paths with the store directory. */
export type Instantiated = {
  readonly job: string;
  readonly derivation: string;
  /** Null where the path is not known before the build. */
  readonly outputs: ReadonlyMap<string, string | null>;
};

const paths = z.record(z.string(), z.string());

/** Brings the derivations of a set in Nix's language into the store; `run` is `scriptExpression`'s. */
export async function instantiate(daemon: PrivateDaemon, set: string): Promise<Instantiated[]> {
  const expression = `let ${scriptExpression} in builtins.mapAttrs (_: job: job.drvPath) (${set})`;
  const parameters = ['--eval', '--read-write-mode', '--strict', '--json', '--expr', expression];
  const { stdout } = await promisify(execFile)('nix-instantiate', parameters, {
    env: daemon.environment,
  });
  await using connection = await DaemonConnection.connect(daemon.address);
  const found: Instantiated[] = [];
  for (const [job, derivation] of Object.entries(paths.parse(JSON.parse(stdout)))) {
    const outputs = await connection.queryDerivationOutputMap(derivationPath(basename(derivation)));
    const printed = [...outputs].map(
      ([name, path]) =>
        [name, path === null ? null : printStorePath(daemon.address.storeDirectory, path)] as const,
    );
    found.push({ job, derivation, outputs: new Map(printed) });
  }
  return found;
}
