/**
 * What came over the wire is not what the protocol says. Knows the byte where that was found, counted
 * from the first of the connection, and, once it has passed those who read the fields, which field.
 */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly offset: number;
  readonly reason: string;
  readonly field: string;

  constructor(reason: string, offset: number, field = '', cause?: unknown) {
    const where = field === '' ? `byte ${offset}` : `${field}, byte ${offset}`;
    super(`${reason} (${where})`, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.offset = offset;
    this.field = field;
  }

  /** The same fault, within a part of that name. */
  within(part: string): Malformed {
    const field = this.field === '' || this.field.startsWith('[') ? this.field : `.${this.field}`;
    return new Malformed(this.reason, this.offset, `${part}${field}`, this.cause);
  }
}

/** Adds the name of a part to a fault that was found in it; every other error is left alone. */
export function inPart(part: string, error: unknown): unknown {
  return error instanceof Malformed ? error.within(part) : error;
}
