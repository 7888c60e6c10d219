/**
 * A parser to be tried with damaged input. Targets lie beside the code, in `*.fuzz.ts` files that export
 * `fuzzTargets: readonly FuzzTarget[]`.
 *
 * `parse` may refuse an input only with a `NixFormatError` that knows its `offset`, or with a
 * `DaemonError` (which must know its `place` where its kind is `protocol`). Everything else is found:
 * other errors, errors without a place, too much time, too much memory.
 */
export type FuzzTarget = {
  readonly name: string;
  /** Good inputs that the damaged ones are made from; short ones are tried faster. */
  seeds(): Buffer[];
  /** Reads the whole input, and lets nothing but what it found out live on. */
  parse(input: Buffer): Promise<void> | void;
};
