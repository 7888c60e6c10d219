import type { AttemptReport } from '../../protocol/attempt-report.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import { measured } from '../store.ts';
import type { KnownFault } from './known-fault.ts';
import { withFarm, withReports, withSend, withTunnels } from './wrap.ts';

const times = { importMilliseconds: 0, buildMilliseconds: 0, uploadMilliseconds: 0 };

/** Of what becomes of what builders say. */
export const reportFaults: readonly KnownFault[] = [
  {
    name: 'stale report',
    story: "the late report of an attempt that is over finishes somebody else's step",
    seen: 'hydra@b5a689de, hydra@22f1b32b',
    withinSeeds: 200,
    sabotage: {
      doors: (doors) => {
        const derivations = new Map<string, string>();
        const latest = new Map<string, BuildOrder>();
        const redirect = (report: AttemptReport): AttemptReport => {
          const order = latest.get(derivations.get(report.attempt) ?? '');
          return order === undefined ? report : { ...report, attempt: order.attempt };
        };
        const tunnels = withTunnels(doors, (accepted) =>
          withSend(accepted, (tunnel, message) => {
            if (message.type === 'build') {
              derivations.set(message.order.attempt, message.order.derivationPath);
              latest.set(message.order.derivationPath, message.order);
            }
            return tunnel.send(message);
          }),
        );
        return withReports(tunnels, (report, take) => take(redirect(report)));
      },
    },
  },
  {
    name: 'dead slot',
    story: 'a report is answered before it is dealt with, and then it is lost',
    seen: 'W6, hydra@fdb2d969',
    withinSeeds: 20,
    sabotage: {
      doors: (doors, { random }) =>
        withReports(doors, async (report, take) => {
          if (random.chance(0.7)) await take(report);
        }),
    },
  },
  {
    name: 'loss taken for a failure',
    story: 'what a builder was building when it was lost has failed',
    seen: 'hydra@d886ec3d, hydra@ad974ad2',
    withinSeeds: 100,
    sabotage: {
      doors: (doors) =>
        withFarm(doors, (farm, event, now) => {
          if (event.type !== 'builder-left') return farm.apply(event, now);
          const lost = [...farm.view.attempts()].filter(({ builder }) => builder === event.builder);
          const failures = lost.flatMap(({ attempt }) =>
            farm.apply(
              { type: 'attempt-failed', attempt, failure: 'build-failed', message: 'gone', times },
              now,
            ),
          );
          return [...failures, ...farm.apply(event, now)];
        }),
    },
  },
  {
    name: 'outputs not verified',
    story: 'what a builder says it has built is believed',
    seen: 'W5',
    withinSeeds: 150,
    sabotage: {
      doors: (doors) => {
        const said = new Set<string>();
        const listening = withReports(doors, (report, take) => {
          if (report.result.type === 'succeeded') {
            for (const { path } of report.result.outputs.values()) said.add(path);
          }
          return take(report);
        });
        const { store } = listening;
        return {
          ...listening,
          store: {
            ...store,
            measure: async (paths) => {
              const found = await store.measure(paths);
              const believed = paths.filter((path) => said.has(path));
              return new Map([
                ...believed.map((path) => [path, measured(path)] as const),
                ...found,
              ]);
            },
          },
        };
      },
    },
  },
  {
    name: 'frankenbuild',
    story: 'what is left of an attempt that was cut off stays beside what the next one makes',
    seen: 'hydra@2ef31cb1, hydra@dd68bd0b',
    withinSeeds: 400,
    sabotage: {
      doors: (doors) => {
        const { store } = doors;
        return { ...doors, store: { ...store, local: { ...store.local, remove: async () => {} } } };
      },
    },
  },
  {
    name: 'an error counts as presence',
    story: 'while the store does not answer everything is there',
    seen: 'W9',
    withinSeeds: 400,
    sabotage: {
      doors: (doors) => ({
        ...doors,
        store: {
          ...doors.store,
          validPaths: (paths) => doors.store.validPaths(paths).catch(() => new Set(paths)),
          measure: (paths) =>
            doors.store
              .measure(paths)
              .catch(() => new Map(paths.map((path) => [path, measured(path)]))),
        },
      }),
    },
  },
];
