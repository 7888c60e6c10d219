import type { Clock } from '../../clock/clock.ts';
import type { Join, Ping, PressureState } from '../../protocol/join.ts';
import type { RunnerHandlers } from '../../protocol/server.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';

/** A builder that has a tunnel open, in its own words. Times in milliseconds since the epoch. */
export type FleetMember = {
  readonly join: Join;
  readonly joinedAt: number;
  ping: Ping | null;
  /** Kept where a later ping leaves it out. */
  pressure: PressureState | null;
  pingedAt: number | null;
};

/** What builders say of themselves, heard on its way to who acts by it. */
export class Fleet {
  readonly #members = new Set<FleetMember>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By host name; of two of one name the one that joined last. */
  byHostname(): ReadonlyMap<string, FleetMember> {
    return new Map([...this.#members].map((member) => [member.join.hostname, member]));
  }

  /** The same handlers, listened to. */
  watch(handlers: RunnerHandlers): RunnerHandlers {
    return {
      ...handlers,
      openTunnel: async (join, caller) => {
        const accepted = await handlers.openTunnel(join, caller);
        const member: FleetMember = {
          join,
          joinedAt: this.#clock.now(),
          ...{ ping: null, pressure: null, pingedAt: null },
        };
        return {
          ...accepted,
          converse: (tunnel) => {
            this.#members.add(member);
            return accepted.converse(this.#listenTo(tunnel, member));
          },
          ended: (end) => {
            this.#members.delete(member);
            accepted.ended(end);
          },
        };
      },
    };
  }

  #listenTo(tunnel: RunnerTunnel, member: FleetMember): RunnerTunnel {
    const note = (ping: Ping): void => {
      member.ping = ping;
      member.pressure = ping.pressure ?? member.pressure;
      member.pingedAt = this.#clock.now();
    };
    return {
      messages: hearPings(tunnel.messages, note),
      signal: tunnel.signal,
      send: (message) => tunnel.send(message),
      close: () => tunnel.close(),
    };
  }
}

async function* hearPings(
  messages: RunnerTunnel['messages'],
  note: (ping: Ping) => void,
): RunnerTunnel['messages'] {
  for await (const message of messages) {
    if (message.type === 'ping') note(message.ping);
    yield message;
  }
}
