import { Fault } from '../../fault/fault.ts';

/** Where a part may be put; `number` from 1. */
export type PartAddress = { readonly number: number; readonly url: string };

/** Asks for the addresses of so many parts, from one on. */
export type AskForParts = (first: number, count: number) => Promise<readonly PartAddress[]>;

/** An address has some 500 bytes; a hundred parts are a gigabyte and more. */
const askedAtOnce = 100;

/** The addresses of the parts of an upload, asked for as they are needed. */
export class PartAddresses {
  readonly #known: Map<number, string>;
  readonly #ask: AskForParts;
  #asking: Promise<void> | undefined;

  constructor(first: readonly PartAddress[], ask: AskForParts) {
    this.#known = new Map(first.map(({ number, url }) => [number, url]));
    this.#ask = ask;
  }

  async of(number: number): Promise<string> {
    while (this.#known.get(number) === undefined) {
      const others = this.#asking;
      if (others === undefined) await this.renew(number);
      else await others.catch(() => {});
    }
    return this.#known.get(number) ?? '';
  }

  /** Those of this part and of the next ones anew: the ones that are known have expired, or were never given. */
  renew(number: number): Promise<void> {
    this.#asking = this.#askFrom(number).finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #askFrom(number: number): Promise<void> {
    const parts = await this.#ask(number, askedAtOnce);
    for (const part of parts) this.#known.set(part.number, part.url);
    if (!parts.some((part) => part.number === number))
      throw new Fault('cache-refused', `the runner gave no address for part ${number}`);
  }
}
