import type { Database } from '../../database/connection/connection.ts';
import type { Listener } from '../../database/connection/listener.ts';
import type { Agenda } from '../agenda.ts';
import type { Life } from '../life.ts';
import { lostConnection } from './failures.ts';
import type { Notice } from './transaction.ts';

// A lost listener looks for the server again: the real one begins with 50 milliseconds.
const reconnectMilliseconds = 100;

type Hears = {
  readonly channels: ReadonlySet<string>;
  readonly onNotify: Parameters<Database['listen']>[1];
  readonly onReconnect: Parameters<Database['listen']>[2];
};

type Listening = Hears & { readonly life: Life; isConnected: boolean };

/** Who hears notifications, each on a connection of its own. */
export class Listeners {
  readonly #agenda: Agenda;
  readonly #server: { readonly isUp: boolean; latency(): number };
  readonly #listening = new Set<Listening>();

  constructor(agenda: Agenda, server: { readonly isUp: boolean; latency(): number }) {
    this.#agenda = agenda;
    this.#server = server;
  }

  listen(life: Life, hears: Hears): Promise<Listener> {
    const listening: Listening = { ...hears, life, isConnected: true };
    const forget = (): void => void this.#listening.delete(listening);
    life.atDeath(forget);
    const listener: Listener = { close: () => Promise.resolve(forget()) };
    return new Promise((resolve, reject) => {
      life.effect(() => {
        this.#later(() => {
          if (!this.#server.isUp) {
            life.hear(() => reject(lostConnection('ECONNREFUSED')));
            return;
          }
          this.#listening.add(listening);
          this.#later(() => life.hear(() => resolve(listener)));
        });
      });
    });
  }

  tell({ channel, payload }: Notice): void {
    for (const listening of this.#listening) {
      if (!listening.channels.has(channel)) continue;
      this.#later(() => {
        if (!listening.isConnected || !this.#listening.has(listening)) return;
        listening.life.hear(() => listening.onNotify(channel, payload));
      });
    }
  }

  /** All lose their connections. What is told before they have new ones they never hear. */
  cut(): void {
    for (const listening of this.#listening) {
      if (!listening.isConnected) continue;
      listening.isConnected = false;
      this.#agenda.after(reconnectMilliseconds, () => this.#reconnect(listening));
    }
  }

  #reconnect(listening: Listening): void {
    if (!this.#listening.has(listening)) return;
    if (!this.#server.isUp) {
      this.#agenda.after(reconnectMilliseconds, () => this.#reconnect(listening));
      return;
    }
    listening.isConnected = true;
    listening.life.hear(listening.onReconnect);
  }

  #later(act: () => void): void {
    this.#agenda.after(this.#server.latency(), act);
  }
}
