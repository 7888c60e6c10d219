import type { Parameter } from '../../database/connection/statement.ts';

/** A statement's parameters, each read as what it must be. Columns are counted from 0. */
export class Parameters {
  readonly #values: readonly Parameter[];

  constructor(values: readonly Parameter[]) {
    this.#values = values;
  }

  /** How many rows the arrays have (`unnest`). */
  get rows(): number[] {
    return this.#array(0).map((_, row) => row);
  }

  number(column: number, row?: number): number {
    const value = this.numberOrNull(column, row);
    if (value === null) throw new TypeError(`parameter ${column + 1} is null`);
    return value;
  }

  numberOrNull(column: number, row?: number): number | null {
    const value = this.#value(column, row);
    if (value === null || typeof value === 'number') return value;
    throw new TypeError(`parameter ${column + 1} is no number: ${String(value)}`);
  }

  boolean(column: number): boolean {
    const value = this.#value(column, undefined);
    if (typeof value === 'boolean') return value;
    throw new TypeError(`parameter ${column + 1} is neither true nor false: ${String(value)}`);
  }

  text(column: number, row?: number): string {
    const value = this.#value(column, row);
    if (typeof value === 'string') return value;
    throw new TypeError(`parameter ${column + 1} is no text: ${String(value)}`);
  }

  textOrNull(column: number, row?: number): string | null {
    return this.#value(column, row) === null ? null : this.text(column, row);
  }

  numbers(column: number): number[] {
    return this.#array(column).map((_, row) => this.number(column, row));
  }

  texts(column: number): string[] {
    return this.#array(column).map((_, row) => this.text(column, row));
  }

  #value(column: number, row: number | undefined): Parameter | undefined {
    return row === undefined ? this.#values[column] : this.#array(column)[row];
  }

  #array(column: number): readonly (string | number | boolean | null)[] {
    const value = this.#values[column];
    if (value === null || typeof value !== 'object') {
      throw new TypeError(`parameter ${column + 1} is no array`);
    }
    return value;
  }
}
