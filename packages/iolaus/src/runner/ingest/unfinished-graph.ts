import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { RetryPlan } from '../../farm/attempts/retry-plan.ts';
import { describeError } from '../../fault/fault.ts';
import type { Derivations, Outputs } from '../store/derivations.ts';
import { concludeWalk } from './conclude-walk.ts';
import type { UnfinishedGraph, Walked } from './conclude-walk.ts';
import { findMissing, findPresent, findThere, findWanted, knownPaths } from './frontier.ts';
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
  /** Of derivations whose outputs are all there: those that dependents still have to wait for. */
  claim(found: readonly DerivationPath[]): Promise<ReadonlySet<DerivationPath>>;
  /** The farm has this step already: there is no need to look below it. */
  isStep(derivation: DerivationPath): boolean;
  /** An attempt at it is under way: even if its outputs are there, the attempt has not been reported. */
  isUnderWay(derivation: DerivationPath): boolean;
  /** Fetches what can be fetched instead of built. */
  substitute(wanted: readonly Wanted[]): Promise<readonly Substituted[]>;
};

// Between so many files the runner looks at what else happened: some ten milliseconds.
const filesAtATime = 200;

/**
 * Walks down from the roots a whole frontier at a time and no deeper than what is there already: one question to the
 * daemon a level, however many derivations it has.
 */
export async function readUnfinishedGraph(
  roots: readonly DerivationPath[],
  sources: GraphSources,
): Promise<UnfinishedGraph> {
  const walked: Walked = {
    unfinished: new Map(),
    built: new Set(),
    unreadable: new Map(),
    substituted: [],
    found: [],
  };
  const seen = new Set<DerivationPath>();
  let frontier = takeNew(roots, seen, sources);
  while (frontier.length > 0) {
    const inputs = await visitFrontier(frontier, sources, walked);
    frontier = takeNew(inputs, seen, sources);
  }
  return concludeWalk(roots, walked);
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
  walked: Walked,
): Promise<DerivationPath[]> {
  const read = await readAll(frontier, sources.derivations, walked.unreadable);
  const readable = [...read.keys()];
  await sources.learnOutputs(readable);
  const resolutions = await sources.resolutions(readable);
  const { valid, failed } = await lookForOutputs(readable, sources, walked);
  const awaited = await sortOutBuilt(readable, valid, sources, walked);
  const inputs: DerivationPath[] = [];
  for (const [path, facts] of read) {
    if (walked.built.has(path)) continue;
    const step = {
      ...facts,
      failedBefore: failed.has(path),
      ...(awaited.has(path)
        ? awaitedElsewhere
        : remembered(resolutions.get(path), sources.retryPlan(path))),
    };
    walked.unfinished.set(path, step);
    if (!step.failedBefore) inputs.push(...step.inputs);
  }
  return inputs;
}

/** It waits for somebody to say that it is there, and for nothing else. */
const awaitedElsewhere = { inputs: [], unfolds: true } as const;

/** Which paths are there once everything has been fetched that can be, and which derivations failed before. */
async function lookForOutputs(
  readable: readonly DerivationPath[],
  sources: GraphSources,
  walked: Walked,
): Promise<{ valid: ReadonlySet<StorePath>; failed: ReadonlySet<DerivationPath> }> {
  const { derivations } = sources;
  const paths = readable.flatMap((path) => knownPaths(derivations, path));
  const valid = new Set(await sources.validPaths(paths));
  walked.found.push(...findPresent(derivations, readable, valid));
  const missing = findMissing(derivations, readable, valid);
  const failed = await sources.failedBefore(missing);
  for (const one of await sources.substitute(findWanted(missing, failed))) {
    walked.substituted.push(one);
    valid.add(one.path);
  }
  return { valid, failed };
}

/** Notes which derivations are built. Returns those that are, but that others still have to wait for. */
async function sortOutBuilt(
  readable: readonly DerivationPath[],
  valid: ReadonlySet<StorePath>,
  sources: GraphSources,
  walked: Walked,
): Promise<ReadonlySet<DerivationPath>> {
  const there = findThere(sources.derivations, readable, valid).filter(
    (path) => !sources.isUnderWay(path),
  );
  const awaited = await sources.claim(there);
  for (const path of there) if (!awaited.has(path)) walked.built.add(path);
  return awaited;
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
