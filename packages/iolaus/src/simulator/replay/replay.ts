import { createFarm } from '../../farm/farm.ts';
import type { Farm } from '../../farm/farm.ts';
import type { Effect } from '../../farm/effect.ts';
import type { FarmEvent, FarmSettings } from '../../farm/event.ts';
import type { BuilderFacts } from '../../farm/facts.ts';
import { Heap } from '../../farm/queues/heap.ts';
import { builderId, instant } from '../../farm/identity.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import { boundOf, secondsOf } from './bounds.ts';
import { Ledger } from './ledger.ts';
import type { ReplayResult } from './ledger.ts';
import { buildsOf, emptyResult, stepFactsOf } from './told.ts';
import { closureOf, stepAt } from './workload.ts';
import type { WorkEvaluation, Workload } from './workload.ts';

/** How a workload is replayed. */
export type ReplayOptions = {
  readonly settings: FarmSettings;
  /** Each evaluation is told as one of a jobset of its own. */
  readonly jobsetEach?: boolean;
  /** Called now and then with the share of steps that are done. */
  readonly onProgress?: (share: number) => void;
};

type Running = { readonly attempt: AttemptNumber; readonly place: number; readonly endsAt: number };

const healthy = { buildDirectoryFreePercent: 100, storeFreePercent: 100 };
const progressEvery = 5_000;

/**
 * Gives the workload to a farm and carries out what it decides, on machines that take exactly as long as was recorded.
 * Nothing fails and nothing costs time but building.
 */
export class Replay {
  readonly #workload: Workload;
  readonly #builders: readonly BuilderFacts[];
  readonly #options: ReplayOptions;
  readonly #farm: Farm;
  readonly #ledger: Ledger;
  readonly #running = new Heap<Running>(
    (one, other) =>
      one.endsAt < other.endsAt || (one.endsAt === other.endsAt && one.attempt < other.attempt),
  );
  readonly #places = new Map<string, number>();
  readonly #told: Uint8Array;
  #now = 0;
  #builds = 0;

  constructor(workload: Workload, builders: readonly BuilderFacts[], options: ReplayOptions) {
    this.#workload = workload;
    this.#builders = builders;
    this.#options = options;
    this.#farm = createFarm(options.settings);
    this.#ledger = new Ledger(workload, builders);
    this.#told = new Uint8Array(workload.steps.length);
    for (const [place, { derivation }] of workload.steps.entries()) {
      this.#places.set(derivation, place);
    }
  }

  run(): ReplayResult {
    this.#joinAll();
    let done = 0;
    const waiting = [...this.#workload.evaluations.keys()];
    for (;;) {
      const next = waiting[0];
      const arrival = next === undefined ? Infinity : this.#evaluation(next).at;
      const ending = this.#running.first();
      if (next !== undefined && arrival <= (ending?.endsAt ?? Infinity)) {
        waiting.shift();
        this.#now = arrival;
        this.#queue(next);
      } else if (ending !== undefined) {
        this.#running.takeFirst();
        this.#now = ending.endsAt;
        this.#succeed(ending);
        done += 1;
        if (done % progressEvery === 0) {
          this.#options.onProgress?.(done / this.#workload.steps.length);
        }
      } else break;
    }
    if (this.#farm.view.counts().builds > 0) throw new Error('builds are left that nobody can do');
    return this.#ledger.result(this.#now);
  }

  #evaluation(index: number): WorkEvaluation {
    const evaluation = this.#workload.evaluations[index];
    if (evaluation === undefined) throw new Error(`a workload has no evaluation ${index}`);
    return evaluation;
  }

  #joinAll(): void {
    for (const [index, facts] of this.#builders.entries()) {
      const builder = builderId(String(index));
      this.#apply({ type: 'builder-joined', builder, facts });
      this.#apply({ type: 'builder-pinged', builder, health: healthy });
    }
  }

  #queue(index: number): void {
    const evaluation = this.#evaluation(index);
    const closure = closureOf(this.#workload, evaluation);
    const unfinished = closure.filter((place) => !this.#ledger.isDone(place));
    const left = (place: number) => this.#ledger.secondsLeft(place, this.#now);
    const ideal = boundOf(this.#workload, this.#builders, unfinished, left);
    const builds = evaluation.builds.filter((place) => !this.#ledger.isDone(place));
    this.#ledger.noteArrival(index, unfinished, builds, secondsOf(ideal), this.#now);
    const fresh = unfinished.filter((place) => this.#told[place] === 0);
    for (const place of fresh) this.#told[place] = 1;
    const jobset = this.#options.jobsetEach === true ? index + 1 : evaluation.jobset;
    const facts = buildsOf(this.#workload, builds, { first: this.#builds + 1, jobset, index });
    this.#builds += builds.length;
    const steps = fresh.map((place) => stepFactsOf(this.#workload, place));
    this.#apply({ type: 'builds-queued', builds: facts, steps });
  }

  #succeed({ attempt, place }: Running): void {
    this.#ledger.noteEnd(place, this.#now);
    const buildMilliseconds = 1000 * (this.#now - this.#ledger.startOf(place));
    const times = { importMilliseconds: 0, buildMilliseconds, uploadMilliseconds: 0 };
    this.#apply({ type: 'attempt-succeeded', attempt, result: emptyResult, times });
  }

  #apply(event: FarmEvent): void {
    const effects = this.#farm.apply(event, instant(1000 * this.#now));
    for (const effect of effects) if (effect.type === 'start-attempt') this.#start(effect);
  }

  #start(effect: Effect<'start-attempt'>): void {
    const place = this.#places.get(effect.step.derivation);
    const builder = this.#builders[Number(effect.builder)];
    if (place === undefined || builder === undefined) throw new Error('the farm made something up');
    const seconds = stepAt(this.#workload, place).seconds / builder.speedFactor;
    this.#ledger.noteStart(place, Number(effect.builder), effect.runnableSince / 1000, this.#now);
    this.#running.add({ attempt: effect.attempt, place, endsAt: this.#now + seconds });
  }
}
