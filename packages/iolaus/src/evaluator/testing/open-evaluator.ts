import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { evaluateFile } from '../evaluate-file.ts';
import type { Evaluation, EvaluationOptions } from '../evaluate-file.ts';

/** A folder with a file that is evaluated for a store of its own. */
export type Evaluator = AsyncDisposable & {
  readonly daemon: PrivateDaemon;
  readonly directory: string;
  /** Evaluates `release.nix` in the folder, which then holds the expression. */
  evaluate(expression: string, options?: Partial<EvaluationOptions>): Promise<Evaluation>;
};

/** Every expression may use `job`. */
export const prelude = `let
  job = name: derivation { inherit name; system = builtins.currentSystem; builder = "/bin/sh"; };
in
`;

export async function openEvaluator(): Promise<Evaluator> {
  const daemon = await startPrivateDaemon();
  const directory = mkdtempSync(join(tmpdir(), 'evaluator-'));
  return {
    daemon,
    directory,
    evaluate(expression, options = {}) {
      const file = join(directory, 'release.nix');
      writeFileSync(file, `${prelude}${expression}`);
      return evaluateFile({
        file,
        attributes: [],
        args: [],
        argStrings: [],
        environment: daemon.environment,
        storeDirectory: daemon.address.storeDirectory,
        ...options,
      });
    },
    async [Symbol.asyncDispose]() {
      rmSync(directory, { recursive: true });
      await daemon[Symbol.asyncDispose]();
    },
  };
}

export const attributesOf = ({ jobs }: Evaluation): string[] =>
  jobs.map(({ attribute }) => attribute);
