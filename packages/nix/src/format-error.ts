/** Where in a text or stream something is wrong. */
export type FormatPlace = {
  /** How many bytes come before it. */
  readonly offset: number;
  /** Which part it is, such as `inputDrvs` or `NarHash`. */
  readonly field: string;
};

/** A text or value is not what Nix would write: a store path, a hash, a derivation, an archive. */
export class NixFormatError extends Error {
  override readonly name = 'NixFormatError';
  /** What is wrong, without the place. */
  readonly reason: string;
  /** In bytes, from the start of what was to be read; null where nothing was read, only made. */
  readonly offset: number | null;
  /** Null for single values; the message quotes those. */
  readonly field: string | null;

  constructor(
    reason: string,
    options: ErrorOptions & {
      readonly offset?: number | null;
      readonly field?: string | null;
    } = {},
  ) {
    const { offset = null, field = null } = options;
    const place = field === null ? '' : ` (${field}, byte ${offset})`;
    super(`${reason}${place}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.reason = reason;
    this.offset = offset;
    this.field = field;
  }
}

/** The error for a value that begins at `place` of something larger. Other errors are left alone. */
export function errorAt(place: FormatPlace, error: unknown): unknown {
  if (!(error instanceof NixFormatError)) return error;
  const field = error.field === null ? place.field : `${place.field}.${error.field}`;
  const offset = place.offset + (error.offset ?? 0);
  return new NixFormatError(error.reason, { cause: error.cause, offset, field });
}

/** The error with what it is about in front of its reason. Other errors are left alone. */
export function errorAbout(subject: string, error: unknown): unknown {
  if (!(error instanceof NixFormatError)) return error;
  const { reason, cause, offset, field } = error;
  return new NixFormatError(`${subject}: ${reason}`, { cause, offset, field });
}

/** Runs `read` on a value that begins at `place`; its format errors come out with their place in the whole. */
export function readAt<T>(place: FormatPlace, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw errorAt(place, error);
  }
}

/** As much of a wrong value as a sentence can hold; a hostile one can be as long as memory. */
const longestQuoteInCharacters = 300;

/** A value in quotes, cut where it is long, with control characters made visible. */
export function quote(text: string): string {
  const cut = text.length > longestQuoteInCharacters;
  const shown = cut ? `${text.slice(0, longestQuoteInCharacters)}…` : text;
  return `'${shown.replaceAll(/[\0-\x1f\x7f]/g, escapeControl)}'`;
}

function escapeControl(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}
