import type { RunnerConfiguration } from '../runner/settings/configuration.ts';
import { Agenda } from './agenda.ts';
import { MadeUpBuilder } from './builder/builder.ts';
import { Caches } from './caches.ts';
import { configure } from './configure.ts';
import { Server } from './database/server.ts';
import { Gate } from './gate.ts';
import { Graph } from './graph.ts';
import type { BuilderPlan, Plan } from './plan.ts';
import { seededRandom } from './random.ts';
import type { Random } from './random.ts';
import { RunnerSeat } from './runner-seat.ts';
import type { Sabotage } from './sabotage/sabotage.ts';
import { Store } from './store.ts';
import { Tale } from './tale.ts';
import { Watch } from './watch/watch.ts';

/** Everything there is in a history, put together by its plan. */
export class World {
  readonly plan: Plan;
  readonly random: Random;
  readonly agenda = new Agenda();
  readonly tale: Tale;
  readonly graph: Graph;
  readonly server: Server;
  readonly store: Store;
  readonly caches: Caches;
  readonly gate: Gate;
  readonly seat: RunnerSeat;
  readonly watch: Watch;
  readonly builders: readonly MadeUpBuilder[];
  configuration: RunnerConfiguration;

  constructor(plan: Plan, sabotage: Sabotage) {
    this.plan = plan;
    this.random = seededRandom(plan.seed, 'world');
    this.tale = new Tale(this.agenda);
    this.configuration = configure(plan.settings);
    this.graph = new Graph(plan.nodes);
    this.server = new Server(this.agenda, this.random.branch('database'));
    sabotage.server?.(this.server);
    this.store = new Store(this.agenda, this.random.branch('store'), this.graph);
    this.caches = new Caches(this.agenda, this.random.branch('caches'));
    this.gate = new Gate(this.agenda, this.random.branch('network'));
    this.seat = new RunnerSeat(this, sabotage);
    this.watch = new Watch(this);
    this.builders = [...plan.builders, rescuer(plan)].map((one) => new MadeUpBuilder(one, this));
    for (const { id, shares } of plan.jobsets) {
      this.server.atConsole(({ transaction, tables }) => {
        transaction.put(tables.jobsets, { id, shares });
      });
    }
    this.caches.note = (what) => this.happened(`cache: ${what}`);
    this.server.note = (what) => this.happened(`database: ${what}`);
  }

  /** Nothing goes wrong any more. */
  get isCalm(): boolean {
    return this.agenda.now >= this.plan.calmAt;
  }

  tell(who: string, what: string): void {
    this.tale.tell(who, what);
  }

  /** Counted, to know what histories are made of. */
  happened(what: string): void {
    this.tale.count(what);
  }
}

/** When all is calm there is a builder for everything. */
function rescuer({ nodes, calmAt }: Plan): BuilderPlan {
  return {
    hostname: 'rescuer',
    systems: [...new Set(nodes.map(({ system }) => system))],
    features: ['ca-derivations', ...new Set(nodes.flatMap(({ features }) => features))],
    slots: 2,
    slowness: 1,
    speaks: 'our-dialect',
    sharesStore: false,
    remembers: true,
    joinsAt: calmAt,
    vice: 'none',
  };
}
