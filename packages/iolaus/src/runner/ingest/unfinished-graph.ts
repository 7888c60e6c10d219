import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { StepFacts } from '../../farm/facts.ts';
import type { RetryPlan } from '../../farm/attempts/retry-plan.ts';
import { describeError } from '../../fault/fault.ts';
import type { Derivations, Outputs } from '../store/derivations.ts';
import type { ChargedFind, Found } from './record-found.ts';
import { chargeRoots } from './record-substitutions.ts';
import type { ChargedSubstitution } from './record-substitutions.ts';
import type { Substituted, Wanted } from './substitution.ts';
import { remembered, whyUnbuildable } from '../store/derivation-facts.ts';
import type { DerivationFacts } from '../store/derivation-facts.ts';

/** What has to be known of the world to tell which part of a graph is still to be built. */
export type GraphSources = {
  readonly derivations: Derivations;
  /** Which of these paths are in the store. */
  validPaths(paths: readonly StorePath[]): Promise<ReadonlySet<StorePath>>;
  /** Which of these could not be built before; with the outputs that are missing. */
  failedBefore(missing: ReadonlyMap<DerivationPath, Outputs>): Promise<ReadonlySet<DerivationPath>>;
  /** Finds out where outputs of these lie that only a build can tell. */
  learnOutputs(derivations: readonly DerivationPath[]): Promise<void>;
  /** What these were resolved into, as far as it can still be built. */
  resolutions(
    derivations: readonly DerivationPath[],
  ): Promise<ReadonlyMap<DerivationPath, DerivationPath>>;
  /** What is remembered of it, if it was tried in vain before the runner began. */
  retryPlan(derivation: DerivationPath): RetryPlan | undefined;
  /** Of those whose outputs can all be had: which others still have to wait for. */
  claim(found: readonly DerivationPath[]): Promise<ReadonlySet<DerivationPath>>;
  /** The farm has this step already: there is no need to look below it. */
  isStep(derivation: DerivationPath): boolean;
  /** An attempt at it is under way: even if its outputs are there, the attempt has not been reported. */
  isUnderWay(derivation: DerivationPath): boolean;
  /** Fetches what can be fetched instead of built. */
  substitute(wanted: readonly Wanted[]): Promise<readonly Substituted[]>;
};

export type UnfinishedGraph = {
  /** New steps that the readable roots need. */
  readonly steps: readonly StepFacts[];
  /** Roots whose outputs are all there. */
  readonly built: ReadonlySet<DerivationPath>;
  /** Roots that can never be built, and why. */
  readonly unreadable: ReadonlyMap<DerivationPath, string>;
  /** What was fetched on the way. */
  readonly substituted: readonly ChargedSubstitution[];
  /** What was there before anything was fetched, as far as anybody looked. */
  readonly found: readonly ChargedFind[];
};

// Between so many files the runner looks at what else happened: some ten milliseconds.
const filesAtATime = 200;

type Visited = {
  readonly unfinished: Map<DerivationPath, StepFacts>;
  readonly built: Set<DerivationPath>;
  readonly unreadable: Map<DerivationPath, string>;
  readonly substituted: Substituted[];
  readonly found: Found[];
};

/**
 * Walks down from the roots a whole frontier at a time and no deeper than what is there already: one question to the
 * daemon a level, however many derivations it has.
 */
export async function readUnfinishedGraph(
  roots: readonly DerivationPath[],
  sources: GraphSources,
): Promise<UnfinishedGraph> {
  const visited: Visited = {
    unfinished: new Map(),
    built: new Set(),
    unreadable: new Map(),
    substituted: [],
    found: [],
  };
  const seen = new Set<DerivationPath>();
  let frontier = takeNew(roots, seen, sources);
  while (frontier.length > 0) {
    const inputs = await visitFrontier(frontier, sources, visited);
    frontier = takeNew(inputs, seen, sources);
  }
  return conclude(roots, visited);
}

function takeNew(
  candidates: Iterable<DerivationPath>,
  seen: Set<DerivationPath>,
  sources: GraphSources,
): DerivationPath[] {
  const fresh: DerivationPath[] = [];
  for (const derivation of candidates) {
    if (seen.has(derivation) || sources.isStep(derivation)) continue;
    seen.add(derivation);
    fresh.push(derivation);
  }
  return fresh;
}

/** Sorts a frontier into built, unfinished and unreadable; returns the inputs of the unfinished ones. */
async function visitFrontier(
  frontier: readonly DerivationPath[],
  sources: GraphSources,
  visited: Visited,
): Promise<DerivationPath[]> {
  const read = await readAll(frontier, sources.derivations, visited.unreadable);
  await sources.learnOutputs([...read.keys()]);
  const resolutions = await sources.resolutions([...read.keys()]);
  const paths = [...read.keys()].flatMap((path) => knownPaths(sources.derivations, path));
  const valid = new Set(await sources.validPaths(paths));
  visited.found.push(...findPresent(read.keys(), sources, valid));
  const missing = findMissing(read.keys(), sources, valid);
  const failed = await sources.failedBefore(missing);
  for (const one of await sources.substitute(findWanted(missing, failed))) {
    visited.substituted.push(one);
    valid.add(one.path);
  }
  const there = findThere(read.keys(), sources, valid);
  const awaited = await sources.claim(there);
  there.filter((path) => !awaited.has(path)).forEach((path) => visited.built.add(path));
  const inputs: DerivationPath[] = [];
  for (const [path, facts] of read) {
    if (visited.built.has(path)) continue;
    const isAwaited = awaited.has(path);
    const step = {
      ...facts,
      failedBefore: failed.has(path),
      ...(isAwaited
        ? awaitedElsewhere
        : remembered(resolutions.get(path), sources.retryPlan(path))),
    };
    visited.unfinished.set(path, step);
    if (!step.failedBefore) inputs.push(...step.inputs);
  }
  return inputs;
}

/** It waits for somebody to say that it is there, and for nothing else. */
const awaitedElsewhere = { inputs: [], unfolds: true } as const;

/** Those whose outputs can all be had, and that nobody is at work on. */
function findThere(
  derivations: Iterable<DerivationPath>,
  sources: GraphSources,
  valid: ReadonlySet<StorePath>,
): DerivationPath[] {
  const isThere = (path: DerivationPath): boolean =>
    sources.derivations
      .outputs(path)
      .values()
      .every((output) => output !== null && valid.has(output));
  return [...derivations].filter((path) => isThere(path) && !sources.isUnderWay(path));
}

/** Outputs that are there. What only a build can tell is told by what it was resolved into. */
function findPresent(
  derivations: Iterable<DerivationPath>,
  sources: GraphSources,
  valid: ReadonlySet<StorePath>,
): Found[] {
  const found: Found[] = [];
  for (const derivation of derivations) {
    if (!sources.derivations.isNamed(derivation)) continue;
    for (const [output, path] of sources.derivations.outputs(derivation)) {
      if (path !== null && valid.has(path)) found.push({ derivation, output, path });
    }
  }
  return found;
}

function findMissing(
  derivations: Iterable<DerivationPath>,
  sources: GraphSources,
  valid: ReadonlySet<StorePath>,
): Map<DerivationPath, Outputs> {
  const missing = new Map<DerivationPath, Outputs>();
  for (const derivation of derivations) {
    const outputs = [...sources.derivations.outputs(derivation)];
    const lacking = outputs.filter(([, path]) => path === null || !valid.has(path));
    if (lacking.length > 0) missing.set(derivation, new Map(lacking));
  }
  return missing;
}

/** What could be fetched: all that is missing has a known path, and none of it failed before. */
function findWanted(
  missing: ReadonlyMap<DerivationPath, Outputs>,
  failed: ReadonlySet<DerivationPath>,
): Wanted[] {
  const wanted: Wanted[] = [];
  for (const [derivation, outputs] of missing) {
    const named = [...outputs].flatMap(([name, path]) =>
      path === null ? [] : [[name, path] as const],
    );
    if (named.length < outputs.size || failed.has(derivation)) continue;
    wanted.push({ derivation, missing: new Map(named) });
  }
  return wanted;
}

async function readAll(
  paths: readonly DerivationPath[],
  derivations: Derivations,
  unreadable: Map<DerivationPath, string>,
): Promise<Map<DerivationPath, DerivationFacts>> {
  const read = new Map<DerivationPath, DerivationFacts>();
  for (const [index, path] of paths.entries()) {
    if (index % filesAtATime === filesAtATime - 1) await yieldToOthers();
    try {
      const facts = derivations.facts(path);
      const reason = whyUnbuildable(facts);
      if (reason === null) read.set(path, facts);
      else unreadable.set(path, `${path}: ${reason}`);
    } catch (error) {
      unreadable.set(path, `the derivation ${path} cannot be read: ${describeError(error)}`);
    }
  }
  return read;
}

function knownPaths(derivations: Derivations, path: DerivationPath): StorePath[] {
  return [...derivations.outputs(path).values()].filter((output) => output !== null);
}

/** Leaves out inputs that are there, and everything above or only below what cannot be read. */
function conclude(roots: readonly DerivationPath[], visited: Visited): UnfinishedGraph {
  const blocked = findBlocked(visited);
  const readable = roots.filter((root) => !blocked.has(root));
  const steps = reachable(readable, visited.unfinished).map((step) => ({
    ...step,
    inputs: step.inputs.filter((input) => !visited.built.has(input)),
  }));
  const unreadable = new Map<DerivationPath, string>();
  for (const root of roots) {
    const reason = blocked.get(root);
    if (reason !== undefined) unreadable.set(root, reason);
  }
  return {
    steps,
    built: new Set(roots.filter((root) => visited.built.has(root))),
    unreadable,
    substituted: chargeRoots(visited.substituted, roots, visited.unfinished),
    found: chargeRoots(visited.found, roots, visited.unfinished),
  };
}

/** Everything that is unreadable or needs something unreadable, with the reason. */
function findBlocked({ unfinished, unreadable }: Visited): Map<DerivationPath, string> {
  const blocked = new Map(unreadable);
  if (unreadable.size === 0) return blocked;
  const dependents = new Map<DerivationPath, DerivationPath[]>();
  for (const step of unfinished.values()) {
    for (const input of step.inputs) {
      const known = dependents.get(input);
      if (known === undefined) dependents.set(input, [step.derivation]);
      else known.push(step.derivation);
    }
  }
  const queue = [...unreadable];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [derivation, reason] = next;
    for (const dependent of dependents.get(derivation) ?? []) {
      if (blocked.has(dependent)) continue;
      blocked.set(dependent, reason);
      queue.push([dependent, reason]);
    }
  }
  return blocked;
}

function reachable(
  roots: readonly DerivationPath[],
  unfinished: ReadonlyMap<DerivationPath, StepFacts>,
): StepFacts[] {
  const found = new Map<DerivationPath, StepFacts>();
  const queue = [...roots];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const step = unfinished.get(next);
    if (step === undefined || found.has(next)) continue;
    found.set(next, step);
    queue.push(...step.inputs);
  }
  return [...found.values()];
}
