import { Fault } from '../fault/fault.ts';
import type { Upload } from '../database/uploads.ts';
import type { Agenda } from './agenda.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';

const latencyMilliseconds = [1, 3_000] as const;

/** Takes what is to be published. Rejects unless all of it is there. */
export type Publish = (upload: Upload) => Promise<void>;

/** The made-up caches that outputs are published to. */
export class Caches {
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #paths = new Map<string, Set<string>>();
  /** How probable it is that an upload ends half-way, or that its answer is lost. */
  away = 0;
  /** Hears what becomes of uploads. */
  note: (what: string) => void = () => {};

  constructor(agenda: Agenda, random: Random) {
    this.#agenda = agenda;
    this.#random = random;
  }

  has(cache: string, path: string): boolean {
    return this.#paths.get(cache)?.has(path) === true;
  }

  /** What a runner sees of them. */
  open(life: Life): Publish {
    return async ({ store, outputs }) => {
      for (const output of outputs) await this.#send(life, store, output);
    };
  }

  #send(life: Life, cache: string, path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      life.effect(() => {
        this.#agenda.after(this.#random.between(...latencyMilliseconds), () => {
          const isLost = this.#random.chance(this.away);
          this.note(isLost ? 'an upload broke off' : 'an output was published');
          if (!isLost || this.#random.chance(0.3)) this.#add(cache, path);
          life.hear(() => (isLost ? reject(unavailable(cache)) : resolve()));
        });
      });
    });
  }

  #add(cache: string, path: string): void {
    const paths = this.#paths.get(cache) ?? new Set();
    this.#paths.set(cache, paths.add(path));
  }
}

const unavailable = (cache: string): Fault =>
  new Fault('cache-unavailable', `${cache} does not answer`, { remedy: 'Wait for the calm.' });
