import type { StorePath } from '@iolaus/nix';
import type { StepFacts } from '../facts.ts';

type Outputs = StepFacts['outputs'];

/** The same outputs in less memory: there are hundreds of thousands of derivations, and most have one output. */
export function compactOutputs(outputs: Outputs): Outputs {
  if (outputs instanceof OneOutput) return outputs;
  const [first] = outputs;
  return first !== undefined && outputs.size === 1 ? new OneOutput(...first) : outputs;
}

class OneOutput implements Outputs {
  readonly size = 1;
  readonly #name: string;
  readonly #path: StorePath | null;

  constructor(name: string, path: StorePath | null) {
    this.#name = name;
    this.#path = path;
  }

  get(name: string): StorePath | null | undefined {
    return name === this.#name ? this.#path : undefined;
  }

  has(name: string): boolean {
    return name === this.#name;
  }

  forEach(visit: (path: StorePath | null, name: string, outputs: Outputs) => void): void {
    visit(this.#path, this.#name, this);
  }

  entries(): MapIterator<[string, StorePath | null]> {
    return this.#table().entries();
  }

  keys(): MapIterator<string> {
    return this.#table().keys();
  }

  values(): MapIterator<StorePath | null> {
    return this.#table().values();
  }

  [Symbol.iterator](): MapIterator<[string, StorePath | null]> {
    return this.entries();
  }

  #table(): Map<string, StorePath | null> {
    return new Map([[this.#name, this.#path]]);
  }
}
