import type { DerivationPath } from '@iolaus/nix';
import { readGrantsStatement } from '../../database/steps/grants.ts';
import type { Database } from '../../database/connection/connection.ts';
import {
  readBuildsAfterStatement,
  readBuildsByIdStatement,
  readUnfinishedPrioritiesStatement,
} from '../../database/builds/read-unfinished-builds.ts';
import { readRetryPlansStatement } from '../../database/steps/retry-plans.ts';
import { readHoldsStatement } from '../../database/standing-orders.ts';
import type { RunnerDoors } from '../../runner/doors.ts';
import { baseName } from '../watch/base-name.ts';
import type { KnownFault } from './known-fault.ts';
import { withFarm, withRows } from './wrap.ts';

const everyLook = [
  readBuildsAfterStatement,
  readBuildsByIdStatement,
  readUnfinishedPrioritiesStatement,
];

const withListen = (doors: RunnerDoors, listen: Database['listen']): RunnerDoors => ({
  ...doors,
  database: { ...doors.database, listen },
});

const idOf = (row: object): unknown => ('id' in row ? row.id : undefined);
const derivationOf = (row: object): DerivationPath =>
  baseName('derivation' in row ? String(row.derivation) : '');

/** Of how the runner learns what is queued. */
export const queueFaults: readonly KnownFault[] = [
  {
    name: 'lost wake-up',
    story: 'a notification that comes at a bad moment is forgotten',
    seen: 'hydra#550, hydra#15',
    withinSeeds: 30,
    sabotage: {
      doors: (doors, { random }) =>
        withListen(doors, (channels, onNotify, onReconnect) =>
          doors.database.listen(
            channels,
            (channel, payload) => {
              if (random.chance(0.7)) onNotify(channel, payload);
            },
            onReconnect,
          ),
        ),
    },
  },
  {
    name: 'notification lost',
    story: 'a listener that lost its connection goes on as if nothing had been missed',
    seen: 'hydra@99afff03 (hydra#1336)',
    withinSeeds: 400,
    sabotage: {
      doors: (doors) =>
        withListen(doors, (channels, onNotify) =>
          doors.database.listen(channels, onNotify, () => {}),
        ),
    },
  },
  {
    name: 'window starvation',
    story: 'only the first few of what was queued are ever looked at',
    seen: 'W1, hydra#99',
    withinSeeds: 60,
    sabotage: {
      doors: (doors) => withRows(doors, readBuildsAfterStatement, (rows) => rows.slice(0, 2)),
    },
  },
  {
    name: 'queue forgotten at restart',
    story: 'after a restart only what is queued anew is built',
    seen: 'W2, hydra@d886ec3d',
    withinSeeds: 60,
    sabotage: {
      doors: (doors, { life }) => {
        const forgotten = new Set<string>(life === 1 ? [] : everyLook);
        return everyLook.reduce(
          (changed, statement) =>
            withRows(changed, statement, (rows) => (forgotten.delete(statement) ? [] : rows)),
          doors,
        );
      },
    },
  },
  {
    name: 'queued behind the back of a standby',
    story: 'who stands by hears of nothing new, and takes what it has read for the whole queue',
    seen: 'nowhere yet: only ours stands by',
    withinSeeds: 400,
    sabotage: {
      standby: (database) => ({
        ...database,
        listen: (channels, _onNotify, onReconnect) =>
          database.listen(channels, () => {}, onReconnect),
      }),
      doors: (doors, { readBefore }) => {
        if (readBefore === null) return doors;
        const missed = new Set<unknown>();
        let hasLooked = false;
        const look = withRows(doors, readBuildsAfterStatement, (rows) => {
          const unread = rows.filter((row) => !readBefore.has(derivationOf(row)));
          if (!hasLooked) for (const row of unread) missed.add(idOf(row));
          hasLooked = true;
          return rows;
        });
        return everyLook.reduce(
          (changed, statement) =>
            withRows(changed, statement, (rows) => rows.filter((row) => !missed.has(idOf(row)))),
          look,
        );
      },
    },
  },
  {
    name: 'running builds forgotten at restart',
    story: 'after a restart nobody knows what builders are at work on',
    seen: 'hydra#550, infra@71cca147, hydra@2ef31cb1',
    withinSeeds: 50,
    sabotage: { doors: (doors) => withRows(doors, readGrantsStatement, () => []) },
  },
  {
    name: 'retry lost at restart',
    story: 'after a restart a step that rests is tried again at once',
    seen: '§7.3: tries and back-off are lost',
    withinSeeds: 500,
    sabotage: { doors: (doors) => withRows(doors, readRetryPlansStatement, () => []) },
  },
  {
    name: 'hold lost at restart',
    story: 'a machine that somebody holds back gets work when the runner was restarted',
    seen: 'nowhere yet: only ours outlive a restart',
    withinSeeds: 400,
    sabotage: { doors: (doors) => withRows(doors, readHoldsStatement, () => []) },
  },
  {
    name: 'cancellation ignored',
    story: 'what was cancelled or deleted is built all the same',
    seen: 'W25',
    withinSeeds: 400,
    sabotage: {
      doors: (doors) =>
        withFarm(doors, (farm, event, now) =>
          event.type === 'build-withdrawn' ? [] : farm.apply(event, now),
        ),
    },
  },
];
