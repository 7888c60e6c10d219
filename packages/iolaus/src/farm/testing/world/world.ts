import type { FarmSettings } from '../../event.ts';
import { builderId, instant } from '../../identity.ts';
import { insist, Observer } from '../observer.ts';
import { builderFacts, healthy } from '../scenario.ts';
import { pick, systems, Universe } from '../universe.ts';
import type { Blueprint } from '../universe.ts';
import { comeBack, goAway, joinBuilder, leaveFarm, pingBuilder } from './fleet.ts';
import {
  bumpBuild,
  changeSettings,
  declareEmergency,
  holdHost,
  queueBuilds,
  rememberOrders,
  talkNonsense,
  withdrawBuild,
} from './people.ts';
import { reportAttempt, reportLate, succeedAttempt } from './reports.ts';
import type { Dice, Stage } from './stage.ts';
import { collectGarbage, findBuilt, unfoldSteps } from './store.ts';

const able = builderId('able');

/** What may happen; some of it more often. */
const deeds: readonly ((stage: Stage) => void)[] = [
  queueBuilds,
  queueBuilds,
  joinBuilder,
  pingBuilder,
  leaveFarm,
  goAway,
  comeBack,
  reportAttempt,
  reportAttempt,
  reportAttempt,
  reportLate,
  findBuilt,
  collectGarbage,
  withdrawBuild,
  bumpBuild,
  passTime,
  changeSettings,
  holdHost,
  unfoldSteps,
  declareEmergency,
  rememberOrders,
  talkNonsense,
];

/**
 * A made-up world around a farm: people who queue, bump and withdraw builds, builders that come, fail and vanish,
 * garbage collectors, time. The dice decide what happens next.
 */
export class World {
  readonly observer: Observer;
  readonly #stage: Stage;

  constructor(blueprints: readonly Blueprint[], settings: FarmSettings, dice: Dice) {
    const observer = new Observer(settings);
    const universe = new Universe(blueprints);
    this.observer = observer;
    this.#stage = { observer, universe, dice, settings, builds: 0, builders: 0 };
  }

  /** Something happens. */
  act(): void {
    const { dice } = this.#stage;
    this.observer.now = instant(this.observer.now + dice(3) * dice(20_000));
    pick(deeds, dice(deeds.length))(this.#stage);
  }

  /** No more faults: all builds must end within a number of steps that can be stated, and nothing be left. */
  settle(): void {
    const { observer } = this;
    // A look at every silence would only make the way longer.
    const settings = { ...this.#stage.settings, silentBuilderSeconds: 1_000_000 };
    observer.apply({ type: 'settings-changed', settings });
    const facts = builderFacts('able', { systems, supportedFeatures: ['kvm', 'big'], slots: 2 });
    observer.apply({ type: 'builder-joined', builder: able, facts });
    observer.apply({ type: 'builder-pinged', builder: able, health: healthy });
    const patience = 4 * this.#stage.universe.all.length + 10;
    for (let turns = 0; observer.unfinished.size > 0; turns += 1) {
      insist(turns < patience, `builds do not end: ${[...observer.unfinished.keys()].join(', ')}`);
      for (const live of observer.live.values()) succeedAttempt(this.#stage, live);
      unfoldSteps(this.#stage);
      sleepUntilNeeded(observer);
    }
    const counts = Object.values(observer.farm.view.counts());
    insist(
      counts.every((count) => count === 0),
      'something is left when all builds have ended',
    );
  }
}

function passTime({ observer, dice }: Stage): void {
  observer.now = instant(observer.now + dice(400_000));
  observer.apply({ type: 'time-came' });
}

function sleepUntilNeeded(observer: Observer): void {
  if (observer.live.size > 0 || observer.unfinished.size === 0) return;
  insist(observer.wish !== undefined, 'nothing goes on, and nobody will look again');
  observer.now = instant(Math.max(observer.now, observer.wish ?? 0));
  observer.apply({ type: 'builder-pinged', builder: able, health: healthy });
  observer.apply({ type: 'time-came' });
}
