import { printStorePath, defaultStoreDirectory } from '@iolaus/nix';
import { configure } from './configure.ts';
import { changeBuild, deleteBuild } from './database/change-build.ts';
import type { EmergencySubject } from '../farm/emergencies/emergency-priority.ts';
import { buildId, evaluationId } from '../farm/identity.ts';
import type { Order } from '../runner/http/order-routes.ts';
import type { Scene } from './database/statements.ts';
import type { BuildRow } from './database/tables.ts';
import type { Deed, SettingsPlan } from './plan.ts';
import { status } from './foretell.ts';
import type { World } from './world.ts';

type BuildDeed = Extract<Deed, { readonly type: 'cancel' | 'delete' | 'restart' | 'bump' }>;

/** Evaluators and people, who change what is in the database. */
export class People {
  readonly #world: World;
  /** Row ids in the order in which builds were queued. */
  readonly #builds: number[] = [];
  #left: number;

  constructor(world: World) {
    this.#world = world;
    this.#left = world.plan.deeds.length;
  }

  /** Everything that they had to do is done. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  start(): void {
    for (const deed of this.#world.plan.deeds) {
      this.#world.agenda.after(deed.at, () => this.#act(deed));
    }
  }

  #act(deed: Deed): void {
    try {
      if (deed.type === 'evaluate') this.#evaluate(deed);
      else if (deed.type === 'share') this.#share(deed);
      else if (deed.type === 'reconfigure') this.#reconfigure(deed.settings);
      else if (deed.type === 'emergency') this.#declareEmergency(deed);
      else if (deed.type === 'hold') this.#hold(deed);
      else this.#changeBuild(deed);
      this.#left -= 1;
      this.#world.happened(`deed: ${deed.type}`);
    } catch {
      // A row that is being written keeps people waiting, and so does a server that is away.
      this.#world.agenda.after(50, () => this.#act(deed));
    }
  }

  #evaluate({ jobset, nodes }: Extract<Deed, { readonly type: 'evaluate' }>): void {
    const first = this.#builds.length + 1;
    this.#world.server.atConsole(({ transaction, tables }) => {
      for (const [index, node] of nodes.entries()) {
        const { path } = this.#world.graph.at(node);
        transaction.put(tables.builds, {
          id: first + index,
          derivation: printStorePath(defaultStoreDirectory, path),
          jobset,
          evaluation: first,
          finished: false,
          status: null,
          cached: null,
          globalPriority: 0,
          priority: 100,
          startTime: null,
          stopTime: null,
        });
      }
      transaction.notify('builds_added', '');
    });
    this.#builds.push(...nodes.map((_, index) => first + index));
    const names = nodes.map((node, index) => `${first + index} (n${node})`);
    this.#world.tell('evaluator', `queues for jobset ${jobset}: ${names.join(', ')}`);
  }

  #share({ jobset, shares }: Extract<Deed, { readonly type: 'share' }>): void {
    this.#world.server.atConsole(({ transaction, tables }) => {
      transaction.put(tables.jobsets, { id: jobset, shares });
      transaction.notify('jobset_shares_changed', '');
    });
    this.#world.tell('somebody', `gives jobset ${jobset} ${shares} shares`);
  }

  #reconfigure(settings: SettingsPlan): void {
    const world = this.#world;
    world.configuration = configure(settings);
    world.seat.reconfigure(world.configuration);
    world.tell('somebody', `changes the configuration: ${JSON.stringify(settings)}`);
  }

  #declareEmergency({ build, isWhole, preempts }: Extract<Deed, { type: 'emergency' }>): void {
    // Of what is done already nobody wants to hurry the end.
    const waiting = [...this.#world.server.tables.builds.committed()].filter(
      ({ finished }) => !finished,
    );
    const row = waiting[build % Math.max(waiting.length, 1)];
    if (row === undefined) return;
    const subject: EmergencySubject = isWhole
      ? { type: 'evaluation', evaluation: evaluationId(row.evaluation) }
      : { type: 'build', build: buildId(row.id) };
    this.#give({ type: 'emergency-declared', emergency: { subject, preempts } });
    this.#world.tell('somebody', `lets ${subject.type} of build ${row.id} go first`);
  }

  #hold({ builder, hold }: Extract<Deed, { type: 'hold' }>): void {
    const hostname = `builder-${builder}`;
    this.#give(
      hold === null
        ? { type: 'host-released', hostname }
        : { type: 'host-held', hostname, hold, lasts: true },
    );
    this.#world.tell('somebody', `wants ${hostname} ${hold ?? 'to go on'}`);
  }

  /** Throws while there is no runner. */
  #give(order: Order): void {
    const { runner } = this.#world.seat;
    if (runner === undefined) throw new Error('the runner is away');
    void runner.give(order).catch(() => {});
  }

  #changeBuild(deed: BuildDeed): void {
    const id = this.#builds[deed.build % Math.max(this.#builds.length, 1)];
    if (id === undefined) return;
    const isDone = this.#world.server.atConsole((scene) => {
      const build = scene.transaction.get(scene.tables.builds, String(id));
      return build !== undefined && change(scene, build, deed);
    });
    if (isDone) this.#world.tell('somebody', `${words[deed.type]} build ${id}`);
  }
}

/** False where there is nothing to do. */
function change(scene: Scene, build: BuildRow, deed: BuildDeed): boolean {
  const { transaction, tables, now } = scene;
  switch (deed.type) {
    case 'delete':
      deleteBuild(transaction, tables, build.id);
      return true;
    case 'bump':
      changeBuild(transaction, tables, build, { globalPriority: deed.globalPriority });
      return true;
    case 'restart':
      if (build.finished)
        changeBuild(transaction, tables, build, { finished: false, status: null });
      return build.finished;
    default:
      if (build.finished) return false;
      changeBuild(transaction, tables, build, {
        finished: true,
        status: status.cancelled,
        startTime: now,
        stopTime: now,
      });
      return true;
  }
}

const words = { cancel: 'cancels', delete: 'deletes', restart: 'restarts', bump: 'bumps' } as const;
