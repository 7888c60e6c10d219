import type { StorePath } from '../../store-path/store-path.ts';
import { DaemonError } from '../daemon-error.ts';
import { deleteReferrers, since } from '../protocol.ts';
import {
  after,
  before,
  depending,
  list,
  mapped,
  nothing,
  obsolete,
  record,
} from '../wire/composite.ts';
import { bigint, boolean, int, numbered, path, text } from '../wire/layout.ts';
import type { Layout } from '../wire/layout.ts';
import { acknowledgement, operation } from './operation.ts';

/** Why a path is kept. */
export type Root = {
  /** The link to it, or `{temp:PID}`, `{censored}` and the like. */
  readonly link: string;
  readonly path: StorePath;
};

/**
 * What to do with garbage: `return-live` and `return-dead` only tell, `delete-dead` deletes all there is, and
 * `delete-specific` only the given paths, which must be dead.
 */
export type GarbageAction = 'return-live' | 'return-dead' | 'delete-dead' | 'delete-specific';

const garbageAction: Layout<GarbageAction> = numbered(
  { 'return-live': 0, 'return-dead': 1, 'delete-dead': 2, 'delete-specific': 3 },
  'return-live',
);

export const addTempRoot = operation('AddTempRoot', 11, {
  request: record({ path }),
  reply: acknowledgement,
});

export const addIndirectRoot = operation('AddIndirectRoot', 12, {
  request: record({ link: text }),
  reply: acknowledgement,
});

/** A daemon refuses those it does not trust before it has read what they ask for. */
export const addPermRoot = operation('AddPermRoot', 47, {
  since: since.permanentRoots,
  refusalIsFatal: true,
  request: record({ path, link: text }),
  reply: text,
});

export const findRoots = operation('FindRoots', 14, {
  request: nothing,
  reply: list<Root>(record({ link: text, path })),
});

type Selection = {
  /** Null for the whole store. */
  readonly paths: readonly StorePath[] | null;
  /** Delete what refers to them, too. Only daemons since 2.35 can. */
  readonly referrers: boolean;
};

const plainSelection: Layout<Selection> = mapped(
  list(path),
  (paths) => ({ paths, referrers: false }),
  ({ paths, referrers }) => {
    if (referrers)
      throw new DaemonError('unsupported', 'This daemon cannot delete referrers with their paths');
    return paths ?? [];
  },
);

const wholeStore: Layout<Selection> = mapped(
  nothing,
  () => ({ paths: null, referrers: false }),
  () => {},
);

const pathsAndReferrers: Layout<Selection> = mapped(
  record({ paths: list(path), referrers: boolean }),
  (selection) => selection,
  ({ paths, referrers }) => ({ paths: paths ?? [], referrers }),
);

const selectionWithReferrers: Layout<Selection> = {
  write(writer, value, protocol) {
    writer.boolean(value.paths === null);
    (value.paths === null ? wholeStore : pathsAndReferrers).write(writer, value, protocol);
  },
  parse: (cursor, protocol) =>
    (cursor.boolean() ? wholeStore : pathsAndReferrers).parse(cursor, protocol),
  async read(reader, protocol) {
    const whole = await reader.read((cursor) => cursor.boolean());
    return (whole ? wholeStore : pathsAndReferrers).read(reader, protocol);
  },
};

const selection: Layout<Selection> = depending((protocol) =>
  protocol.features.has(deleteReferrers) ? selectionWithReferrers : plainSelection,
);

const threeObsoleteWords = before(after(obsolete(0), obsolete(0)), obsolete(0));

export const collectGarbage = operation('CollectGarbage', 20, {
  request: record({
    action: garbageAction,
    selection,
    maxFreedBytes: before(after(obsolete(0), bigint), threeObsoleteWords),
  }),
  reply: record({
    // Names of dead files need not be store paths.
    paths: list(text),
    bytesFreed: before(int, obsolete(0)),
  }),
});
