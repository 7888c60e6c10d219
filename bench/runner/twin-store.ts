import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  derivationPath,
  fromUtf8,
  parseBaseName,
  printDerivation,
  printNix32,
  printStorePath,
} from '@iolaus/nix';
import type { Derivation, DerivationPath, StoreDirectory, StorePath } from '@iolaus/nix';
import type { EvaluatedJob } from '../../packages/iolaus/src/database/evaluations/record-evaluation.ts';
import { jobNamed } from '../../packages/iolaus/src/database/testing-farm.ts';
import type { GraphNode } from '../../packages/iolaus/src/testing/twin-graph.ts';

/** A derivation that stands for one of a recorded graph. Its paths look like Nix's, but nobody computed them. */
export type Twin = {
  readonly name: string;
  readonly derivation: DerivationPath;
  readonly outputs: ReadonlyMap<string, StorePath>;
};

// What an average derivation of nixpkgs has in its environment beside its inputs.
const environmentBytes = 1_500;

/** Writes a `.drv` file for each node into the folder of a store. */
export function writeTwins(directory: StoreDirectory, nodes: readonly GraphNode[]): Twin[] {
  mkdirSync(directory, { recursive: true });
  const twins: Twin[] = [];
  for (const node of nodes) {
    const twin = nameTwin(node);
    const text = printDerivation(directory, toDerivation(node, twin, twins));
    writeFileSync(join(directory, twin.derivation), text);
    twins.push(twin);
  }
  return twins;
}

/** What is said of all that is built. Bytes. */
export const builtSizes = { narSize: 100, closureSize: 1_000 };

/** Builds nothing but empty files. */
export function writeOutputs(directory: StoreDirectory, paths: Iterable<StorePath>): void {
  for (const path of paths) writeFileSync(join(directory, path), '');
}

/** What an evaluation tells of it. */
export function jobOf(directory: StoreDirectory, twin: Twin, job: string): EvaluatedJob {
  return {
    ...jobNamed(job),
    name: twin.name,
    derivation: printStorePath(directory, twin.derivation),
    outputs: new Map(
      [...twin.outputs].map(([name, path]) => [name, printStorePath(directory, path)]),
    ),
  };
}

function nameTwin({ id, name, outputs }: GraphNode): Twin {
  const pathOf = (what: string, suffix: string): StorePath =>
    parseBaseName(`${digestOf(`${id}/${what}`)}-${name}${suffix}`);
  return {
    name,
    derivation: derivationPath(pathOf('derivation', '.drv')),
    outputs: new Map(
      outputs.map((output) => [output, pathOf(output, output === 'out' ? '' : `-${output}`)]),
    ),
  };
}

function digestOf(text: string): string {
  return printNix32(createHash('sha256').update(text).digest().subarray(0, 20));
}

function toDerivation(node: GraphNode, twin: Twin, before: readonly Twin[]): Derivation {
  const inputs = node.inputDrvs.flatMap((id) => {
    const input = before[id];
    if (input === undefined) return [];
    const outputs = node.inputDrvOutputs?.[String(id)] ?? ['out'];
    return [[input.derivation, { outputs, dynamic: new Map() }] as const];
  });
  return {
    name: twin.name,
    outputs: new Map(
      [...twin.outputs].map(([name, path]) => [name, { type: 'input-addressed', path }]),
    ),
    inputDerivations: new Map(inputs),
    inputSources: [],
    system: fromUtf8('x86_64-linux'),
    builder: fromUtf8('/bin/sh'),
    arguments: [fromUtf8('-c'), fromUtf8('exit 0')],
    environment: new Map([
      [fromUtf8('name'), fromUtf8(twin.name)],
      [fromUtf8('system'), fromUtf8('x86_64-linux')],
      [fromUtf8('script'), fromUtf8('#'.repeat(environmentBytes))],
    ]),
  };
}
