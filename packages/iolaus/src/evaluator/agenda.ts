import type { AttributePath } from './attribute-path.ts';

/** A path to look at; `asked`: somebody named it, so that a set there is entered whatever it says. */
export type Visit = { readonly path: AttributePath; readonly asked: boolean };

/** What is still to be looked at, in the order of `walk.nix`: depth first, so that its first entry is where a process is. */
export class Agenda {
  /** The first entry comes last. */
  readonly #visits: Visit[];

  constructor(visits: readonly Visit[]) {
    this.#visits = visits.toReversed();
  }

  get first(): Visit | undefined {
    return this.#visits.at(-1);
  }

  /** The first entries whose JSON fits into so many bytes, at least one. */
  head(bytesMax: number): Visit[] {
    const visits: Visit[] = [];
    let bytes = 0;
    for (let index = this.#visits.length - 1; index >= 0; index -= 1) {
      const visit = this.#visits[index];
      if (visit === undefined) break;
      bytes += Buffer.byteLength(JSON.stringify(visit));
      if (bytes > bytesMax && visits.length > 0) break;
      visits.push(visit);
    }
    return visits;
  }

  /** Takes the first entry off, since it was seen, and puts what is in it to its place. */
  replaceFirst(path: AttributePath, names: readonly string[]): Visit {
    const first = this.#visits.pop();
    if (first === undefined || first.path.join('\0') !== path.join('\0')) {
      throw new Error(`The walk is at ${path.join('.')}, not at ${first?.path.join('.')}`);
    }
    for (const name of names.toReversed()) {
      this.#visits.push({ path: [...path, name], asked: false });
    }
    return first;
  }
}
