import { databaseError } from './database/failures.ts';
import { leaveStepBusy } from './foreign-program.ts';
import { epochMilliseconds } from './life.ts';
import type { Trouble } from './plan.ts';
import type { World } from './world.ts';

const slowDatabaseMilliseconds = [50, 3_000] as const;
const slowStoreMilliseconds = [500, 8_000] as const;

/** Lets go wrong what the plan wants to go wrong. */
export function scheduleTroubles(world: World): void {
  for (const trouble of world.plan.troubles) {
    world.agenda.after(trouble.at, () => {
      if (world.isCalm) return;
      world.tell('trouble', describe(trouble));
      world.happened(`trouble: ${trouble.type}`);
      begin(world, trouble);
    });
  }
  world.agenda.after(world.plan.calmAt, () => endAll(world));
}

function begin(world: World, trouble: Trouble): void {
  const { agenda, server, store, caches, gate, seat } = world;
  switch (trouble.type) {
    case 'runner-killed':
      return seat.kill(trouble.backAfter);
    case 'runner-killed-soon':
      return seat.killSoon(trouble.effects, trouble.backAfter);
    case 'runner-killed-at-retry':
      return killAtRetry(world, trouble.backAfter);
    case 'runner-usurped':
      return seat.usurp(trouble.noticedAfter);
    case 'standby-started':
      return seat.standBy();
    case 'answers-lost':
      gate.answersLost = 0.5;
      agenda.after(trouble.for, () => {
        gate.answersLost = 0;
      });
      return undefined;
    case 'runner-restarted':
      return seat.restart();
    case 'database-cut':
      return server.cutConnections(3_000);
    case 'commit-cut':
      server.cutAtCommit = trouble.isDone ? 'before-answer' : 'before-commit';
      return undefined;
    case 'database-stopped':
      server.stop();
      agenda.after(trouble.backAfter, () => server.start());
      return undefined;
    case 'database-slow':
      server.latencyMilliseconds = slowDatabaseMilliseconds;
      agenda.after(trouble.for, () => world.server.quicken());
      return undefined;
    case 'statement-fails':
      for (let times = 0; times < trouble.times; times += 1) {
        server.mishaps.push(() => databaseError(trouble.code, 'made-up failure'));
      }
      return undefined;
    case 'tunnels-cut':
      return gate.cutAll({ builder: 100, runner: 30_000 });
    case 'store-away':
      store.away = trouble.share;
      agenda.after(trouble.for, () => store.recover());
      return undefined;
    case 'store-slow':
      store.latencyMilliseconds = slowStoreMilliseconds;
      agenda.after(trouble.for, () => store.recover());
      return undefined;
    case 'caches-away':
      caches.away = trouble.share;
      agenda.after(trouble.for, () => {
        caches.away = 0;
      });
      return undefined;
    case 'garbage-collected':
      return store.collect(world.graph.at(trouble.node));
    case 'step-orphaned':
      return leaveStepBusy(world, trouble.build);
    case 'clock-set':
      return seat.setClock(trouble.byMilliseconds);
  }
}

function killAtRetry({ agenda, server, seat }: World, backAfter: number): void {
  const { retries } = server.tables;
  retries.onChange = (_before, plan) => {
    if (plan === undefined || plan.restsUntil <= epochMilliseconds + agenda.now) return;
    retries.onChange = () => {};
    agenda.after(0, () => seat.kill(backAfter));
  };
}

/** Everything and everybody is well. */
function endAll(world: World): void {
  world.tell('trouble', 'is over');
  world.server.start();
  world.server.quicken();
  world.server.mishaps.length = 0;
  world.server.tables.retries.onChange = () => {};
  world.server.cutAtCommit = 'nowhere';
  world.store.recover();
  world.caches.away = 0;
  world.gate.answersLost = 0;
  for (const builder of world.builders) builder.calmDown();
}

function describe(trouble: Trouble): string {
  const { type, at: _, ...details } = trouble;
  const texts = Object.entries(details).map(
    ([name, value]) =>
      `${name} ${typeof value === 'number' && value > 1 ? Math.round(value) : value}`,
  );
  return [type.replaceAll('-', ' '), ...texts].join(', ');
}
