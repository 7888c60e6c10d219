import type { BuildOrder } from '../../protocol/build-order.ts';
import type { RunnerMessage } from '../../protocol/tunnel-message.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';
import { sleep } from '../../clock/clock.ts';
import type { KnownFault } from './known-fault.ts';
import { withFarm, withSend, withTunnels, withoutSilence } from './wrap.ts';

// As long as a stuck peer holds up a channel.
const stuckMilliseconds = 60_000;

/** Of how steps get to builders, and when. */
export const dispatchFaults: readonly KnownFault[] = [
  {
    name: 'double dispatch',
    story: 'a step goes to two builders at once',
    seen: 'hydra@9443d6dd, hydra@63f05a34',
    withinSeeds: 20,
    sabotage: {
      doors: (doors, { random }) => {
        const builders: ((order: BuildOrder) => void)[] = [];
        return withTunnels(doors, (accepted) =>
          withSend(accepted, (tunnel, message) => {
            builders.push((order) => void tunnel.send({ type: 'build', order }));
            if (message.type === 'build' && random.chance(0.3))
              random.pick(builders)(message.order);
            return tunnel.send(message);
          }),
        );
      },
    },
  },
  {
    name: 'back-off never woken',
    story: 'nobody looks again when a step has rested',
    seen: 'W17',
    withinSeeds: 100,
    sabotage: {
      doors: (doors) =>
        withFarm(doors, (farm, event, now) =>
          farm.apply(event, now).filter(({ type }) => type !== 'wake-at'),
        ),
    },
  },
  {
    name: 'slow builder stalls all',
    story: 'what is sent waits until one slow builder has taken what was sent to it',
    seen: '§13.2: dispatch waits on a full channel',
    withinSeeds: 30,
    sabotage: {
      doors: (doors) => {
        let sending: Promise<unknown> = Promise.resolve();
        const send = (tunnel: RunnerTunnel, message: RunnerMessage, isSlow: boolean) => {
          const sent = sending.then(async () => {
            if (isSlow && message.type === 'build') await sleep(doors.clock, stuckMilliseconds);
            return tunnel.send(message);
          });
          sending = sent;
          return sent;
        };
        return withTunnels(doors, (accepted, { hostname }) =>
          withSend(accepted, (tunnel, message) => send(tunnel, message, hostname === 'builder-0')),
        );
      },
    },
  },
  {
    name: 'duplicate machine id',
    story:
      'a second connection of one machine takes the place of the first, whose steps are forgotten',
    seen: 'W34',
    withinSeeds: 150,
    sabotage: {
      doors: (doors) => {
        const seen = new Map<string, number>();
        return withTunnels(withoutSilence(doors), (accepted, { hostname }) => {
          const turn = (seen.get(hostname) ?? 0) + 1;
          seen.set(hostname, turn);
          return {
            accept: accepted.accept,
            converse: (tunnel) => accepted.converse(tunnel),
            ended: (end) => {
              if (seen.get(hostname) === turn) accepted.ended(end);
            },
          };
        });
      },
    },
  },
  {
    name: 'machine lost while it is sent to',
    story: 'a builder that leaves keeps what it was given',
    seen: 'W16, hydra#1815',
    withinSeeds: 50,
    sabotage: {
      doors: (doors) =>
        withFarm(withoutSilence(doors), (farm, event, now) =>
          event.type === 'builder-left' ? [] : farm.apply(event, now),
        ),
    },
  },
];
