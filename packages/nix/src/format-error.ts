/** Where something is wrong. */
export type FormatPlace = {
  /** How many bytes of the text or stream come before it. */
  readonly offset: number;
  /** Which part it is, such as `inputDrvs` or `NarHash`. */
  readonly field: string;
};

/** A text or value is not what Nix would write: a store path, a hash, a derivation, an archive. */
export class NixFormatError extends Error {
  override readonly name = 'NixFormatError';
  /** In bytes; null where only a single value was read, and the message quotes it. */
  readonly offset: number | null;
  readonly field: string | null;

  constructor(message: string, options: ErrorOptions & Partial<FormatPlace> = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.offset = options.offset ?? null;
    this.field = options.field ?? null;
  }
}

/**
 * Runs `read`; a format error that does not know its place comes out with this one, in its message too.
 * @param place is asked for only then
 */
export function atPlace<T>(place: () => FormatPlace, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NixFormatError) || error.offset !== null) throw error;
    const { offset, field } = place();
    const message = `${error.message} (${field}, byte ${offset})`;
    throw new NixFormatError(message, { cause: error, offset, field });
  }
}
