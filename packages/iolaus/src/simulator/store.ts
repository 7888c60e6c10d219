import { computeHash, defaultStoreDirectory } from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import type { BuildResult } from '../farm/facts.ts';
import { derivationFacts } from '../runner/store/derivation-facts.ts';
import type { KeptFacts } from '../runner/store/derivations.ts';
import type { Measured } from '../runner/store/measure.ts';
import { Realised } from '../runner/resolution/realised.ts';
import type { RunnerStore } from '../runner/store/runner-store.ts';
import type { Agenda } from './agenda.ts';
import type { Graph, Node } from './graph.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';

export const narSize = 1_000;
/** What comes in place of so many bytes. */
export const madeUpArchive = new Uint8Array([104, 105, 10]);
export const archiveHash = computeHash('sha256', madeUpArchive);

/** Which attempt made a path, and when it came, in milliseconds since the beginning. */
export type Made = { readonly attempt: number; readonly at: number };

/** The runner's made-up store: which paths are in it, and how it is today. */
export class Store {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #graph: Graph;
  /** Paths, each with the attempt that put it there. What is there already stays as it is. */
  readonly #paths = new Map<StorePath, Made>();
  /** Nodes whose outputs went to the garbage collector at some time. */
  readonly collected = new Set<Node>();
  /** How probable it is that a question comes to nothing. */
  away = 0;
  latencyMilliseconds: readonly [number, number] = [0.1, 2];

  constructor(agenda: Agenda, random: Random, graph: Graph) {
    this.#agenda = agenda;
    this.#random = random;
    this.#graph = graph;
  }

  /** It answers, and as fast as it should. */
  recover(): void {
    this.away = 0;
    this.latencyMilliseconds = [0.1, 2];
  }

  collect(node: Node): void {
    for (const path of node.outputs.values()) this.#paths.delete(path);
    this.collected.add(node);
  }

  has(path: StorePath): boolean {
    return this.#paths.has(path);
  }

  isBuilt(node: Node): boolean {
    return [...node.outputs.values()].every((path) => this.#paths.has(path));
  }

  add(path: StorePath, attempt: number): void {
    if (!this.#paths.has(path)) this.#paths.set(path, { attempt, at: this.#agenda.now });
  }

  /** The attempts that made the outputs that are there, and when each came. */
  makersOf(node: Node): Made[] {
    return [...node.outputs.values()].flatMap((path) => this.#paths.get(path) ?? []);
  }

  /** What a runner sees of it. `kept`: what was read for it while it stood by. */
  open(life: Life, kept: KeptFacts): RunnerStore {
    const graph = this.#graph;
    const realised = new Realised();
    const ask = <Answer>(answer: () => Answer): Promise<Answer> => this.#ask(life, answer);
    const validPaths: RunnerStore['validPaths'] = (paths) =>
      ask(() => new Set(paths.filter((path) => this.#paths.has(path))));
    return {
      directory: defaultStoreDirectory,
      identity: 'the store of the runner',
      derivations: {
        read: (path) => graph.node(path).derivation,
        facts: (path) => kept.get(path) ?? derivationFacts(path, graph.node(path).derivation),
        dropKept: () => kept.clear(),
        outputs: (path) => outputsOf(graph.node(path), realised.outputs(path)),
        isNamed: (path) => graph.node(path).plan.floats !== true,
        resolve: (path) => graph.resolve(path),
      },
      realised,
      realisations: { find: async () => new Map(), register: async () => {} },
      resolved: {
        hold: (original, resolved) => ask(() => this.add(graph.addResolved(original, resolved), 0)),
        letGo: async () => {},
        held: async () => [],
      },
      validPaths,
      measure: (paths) => ask(() => this.#measure(paths)),
      results: { read: (derivation) => ask(() => this.#resultOf(graph.node(derivation))) },
      transfers: {
        requisites: (paths) => ask(() => paths.filter((path) => this.#paths.has(path))),
        has: (path) => ask(() => this.#paths.has(path)),
        send: (paths) =>
          ask(() => ({ infos: paths.map((path) => pathInfo(path, 0)), nar: noBytes })),
        receive: (paths) =>
          paths.importEach(async (info, nar) => {
            for await (const _ of nar);
            await ask(() => this.add(info.path, info.registrationTime));
          }),
      },
      local: {
        validPaths,
        // Nothing has products.
        readSupport: async () => new Map(),
        remove: (paths) => ask(() => paths.forEach((path) => this.#paths.delete(path))),
      },
    };
  }

  #measure(paths: readonly StorePath[]): ReadonlyMap<StorePath, Measured> {
    const there = paths.filter((path) => this.#paths.has(path));
    return new Map(there.map((path) => [path, measured(path)]));
  }

  #resultOf(node: Node): BuildResult {
    if (!this.isBuilt(node)) throw new Error(`the outputs of ${node.path} are not in the store`);
    return {
      outputs: new Map(
        [...node.outputs].map(([name, path]) => [name, { path, narSize, closureSize: narSize }]),
      ),
      failedMarker: false,
      releaseName: null,
      products: [],
      metrics: [],
    };
  }

  #ask<Answer>(life: Life, answer: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      life.effect(() => {
        const [least, most] = this.latencyMilliseconds;
        this.#agenda.after(this.#random.between(least, most), () => {
          life.hear(() => {
            if (this.#random.chance(this.away)) {
              reject(new Error('the Nix daemon does not answer'));
              return;
            }
            try {
              resolve(answer());
            } catch (error) {
              reject(error);
            }
          });
        });
      });
    });
  }
}

/** As far as a runner can know them. */
function outputsOf(
  { plan, outputs }: Node,
  realised: ReadonlyMap<string, StorePath> | undefined,
): ReadonlyMap<string, StorePath | null> {
  if (plan.floats !== true) return outputs;
  return new Map([...outputs.keys()].map((name) => [name, realised?.get(name) ?? null]));
}

/** Whatever is there is as large as everything else. */
export const measured = (path: StorePath): Measured => ({
  path,
  narSize,
  closureSize: narSize,
  narHash: archiveHash,
});

/** The registration time tells the attempt: nobody else looks at it. */
export function pathInfo(path: StorePath, attempt: number): PathInfo {
  return {
    path,
    deriver: null,
    narHash: archiveHash,
    narSize,
    references: [],
    registrationTime: attempt,
    ultimate: false,
    signatures: [],
    contentAddress: null,
  };
}

async function* noBytes(): AsyncGenerator<Uint8Array> {
  yield* [];
}
