import type { Clock } from '../../clock/clock.ts';
import type { Join, Ping, PressureState } from '../../protocol/join.ts';
import type { RunnerHandlers } from '../../protocol/server/runner-server.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';

/** A builder that has a tunnel open, in its own words. Times in milliseconds since the epoch. */
export type FleetMember = {
  readonly join: Join;
  readonly joinedAt: number;
  readonly ping: Ping | null;
  /** Kept where a later ping leaves it out. */
  readonly pressure: PressureState | null;
  readonly pingedAt: number | null;
};

/** One place in the fleet. */
type Berth = { member: FleetMember };

/** What builders say of themselves, heard on its way to those who act on it. */
export class Fleet {
  readonly #berths = new Set<Berth>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By host name; of two of one name the one that joined last. */
  byHostname(): ReadonlyMap<string, FleetMember> {
    return new Map([...this.#berths].map(({ member }) => [member.join.hostname, member]));
  }

  /** A builder has a tunnel; from now on it is heard. */
  welcome(join: Join): { readonly hear: (ping: Ping) => void; readonly leave: () => void } {
    const nothingHeard = { ping: null, pressure: null, pingedAt: null };
    const berth: Berth = { member: { join, joinedAt: this.#clock.now(), ...nothingHeard } };
    this.#berths.add(berth);
    return {
      hear: (ping) => {
        const pressure = ping.pressure ?? berth.member.pressure;
        berth.member = { ...berth.member, ping, pressure, pingedAt: this.#clock.now() };
      },
      leave: () => void this.#berths.delete(berth),
    };
  }

  /** The same handlers, listened to. */
  watch(handlers: RunnerHandlers): RunnerHandlers {
    return {
      ...handlers,
      openTunnel: async (join, caller) => {
        const accepted = await handlers.openTunnel(join, caller);
        let leave = (): void => {};
        return {
          ...accepted,
          converse: (tunnel) => {
            const heard = this.welcome(join);
            ({ leave } = heard);
            return accepted.converse(listenTo(tunnel, heard.hear));
          },
          ended: (end) => {
            leave();
            accepted.ended(end);
          },
        };
      },
    };
  }
}

function listenTo(tunnel: RunnerTunnel, hear: (ping: Ping) => void): RunnerTunnel {
  return {
    messages: hearPings(tunnel.messages, hear),
    signal: tunnel.signal,
    send: (message) => tunnel.send(message),
    close: () => tunnel.close(),
  };
}

async function* hearPings(
  messages: RunnerTunnel['messages'],
  hear: (ping: Ping) => void,
): RunnerTunnel['messages'] {
  for await (const message of messages) {
    if (message.type === 'ping') hear(message.ping);
    yield message;
  }
}
