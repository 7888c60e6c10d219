/** What a transaction has changed in a row, and who keeps others from it. */
export type Cell<Row extends object> = {
  /** Undefined where there is no such row, as far as everybody can see. */
  committed: Row | undefined;
  pending: { readonly owner: Owner; readonly row: Row | undefined } | undefined;
  /** Who needs the row to stay (`for key share`). */
  readonly sharers: Set<Owner>;
};

/** A transaction, as far as rows care. */
export interface Owner {
  readonly isOver: boolean;
}

/** Somebody else has to be waited for. */
export class Blocked extends Error {
  readonly by: Owner;

  constructor(by: Owner) {
    super('another transaction has the row');
    this.by = by;
  }
}

/** Rows by their key, each with what is committed and what one transaction at a time wants to make of it. */
export class Table<Row extends object> {
  readonly #keyOf: (row: Row) => string;
  /** Told of each change when everybody can see it. */
  onChange: (before: Row | undefined, after: Row | undefined) => void = () => {};
  readonly cells = new Map<string, Cell<Row>>();

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf;
  }

  keyOf(row: Row): string {
    return this.#keyOf(row);
  }

  cell(key: string): Cell<Row> {
    let cell = this.cells.get(key);
    if (cell === undefined) {
      cell = { committed: undefined, pending: undefined, sharers: new Set() };
      this.cells.set(key, cell);
    }
    return cell;
  }

  /** What everybody can see. */
  *committed(): Generator<Row> {
    for (const { committed } of this.cells.values()) if (committed !== undefined) yield committed;
  }

  get(key: string): Row | undefined {
    return this.cells.get(key)?.committed;
  }
}
