import { Blocked } from './table.ts';
import type { Cell, Owner, Table } from './table.ts';

export type Notice = { readonly channel: string; readonly payload: string };

type Written = {
  /** Makes it visible; returns how to tell who looks on. Undefined where a later change of the row took its place. */
  readonly commit: () => (() => void) | undefined;
  readonly undo: () => void;
};

/**
 * A transaction as PostgreSQL has it by default: each statement sees what is committed and its own changes; whoever wants to
 * change a row that another one has changed waits for its end.
 */
export class ServerTransaction implements Owner {
  readonly id: number;
  isOver = false;
  /** A statement failed: nothing but a rollback will do. */
  hasFailed = false;
  /** Whom it waits for. */
  waitsFor: Owner | undefined;
  readonly #written: Written[] = [];
  readonly #shared = new Set<Cell<object>>();
  readonly #notices: Notice[] = [];

  constructor(id: number) {
    this.id = id;
  }

  get hasWritten(): boolean {
    return this.#written.length > 0;
  }

  get<Row extends object>(table: Table<Row>, key: string): Row | undefined {
    const cell = table.cells.get(key);
    return cell === undefined ? undefined : this.#visible(cell);
  }

  *rows<Row extends object>(table: Table<Row>): Generator<Row> {
    for (const cell of table.cells.values()) {
      const row = this.#visible(cell);
      if (row !== undefined) yield row;
    }
  }

  put<Row extends object>(table: Table<Row>, row: Row): void {
    this.#change(table, table.keyOf(row), row);
  }

  remove<Row extends object>(table: Table<Row>, key: string): void {
    this.refuseShared(table, key);
    this.#change(table, key, undefined);
  }

  /** The row stays until the transaction ends. */
  share<Row extends object>(table: Table<Row>, key: string): void {
    const cell = table.cell(key);
    const { pending } = cell;
    if (pending !== undefined && pending.owner !== this && pending.row === undefined) {
      throw new Blocked(pending.owner);
    }
    cell.sharers.add(this);
    this.#shared.add(cell);
  }

  /** Throws `Blocked` while somebody else needs the row as it is. */
  refuseShared<Row extends object>(table: Table<Row>, key: string): void {
    const sharer = [...table.cell(key).sharers].find((other) => other !== this);
    if (sharer !== undefined) throw new Blocked(sharer);
  }

  notify(channel: string, payload: string): void {
    const isKnown = this.#notices.some(
      (notice) => notice.channel === channel && notice.payload === payload,
    );
    if (!isKnown) this.#notices.push({ channel, payload });
  }

  /** Does all of it or, if somebody has to be waited for, nothing. */
  execute<Result>(statement: () => Result): Result {
    const mark = this.#written.length;
    const notices = this.#notices.length;
    try {
      return statement();
    } catch (error) {
      this.#undoBackTo(mark);
      this.#notices.length = notices;
      throw error;
    }
  }

  /** Returns what it has to say to others. */
  commit(): readonly Notice[] {
    const tellings = this.#written.flatMap(({ commit }) => commit() ?? []);
    this.#end();
    for (const tell of tellings) tell();
    return this.#notices;
  }

  rollBack(): void {
    this.#undoBackTo(0);
    this.#end();
  }

  #visible<Row extends object>({ pending, committed }: Cell<Row>): Row | undefined {
    return pending?.owner === this ? pending.row : committed;
  }

  #change<Row extends object>(table: Table<Row>, key: string, row: Row | undefined): void {
    const cell = table.cell(key);
    const former = cell.pending;
    if (former !== undefined && former.owner !== this) throw new Blocked(former.owner);
    cell.pending = { owner: this, row };
    const commit = (): (() => void) | undefined => {
      if (cell.pending?.owner !== this) return undefined;
      const before = cell.committed;
      const after = cell.pending.row;
      cell.committed = after;
      cell.pending = undefined;
      return () => table.onChange(before, after);
    };
    const undo = (): void => {
      cell.pending = former;
    };
    this.#written.push({ commit, undo });
  }

  #undoBackTo(mark: number): void {
    while (this.#written.length > mark) {
      this.#written.pop()?.undo();
    }
  }

  #end(): void {
    for (const cell of this.#shared) cell.sharers.delete(this);
    this.#shared.clear();
    this.isOver = true;
  }
}
