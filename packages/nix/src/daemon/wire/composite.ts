import { speaks } from '../protocol.ts';
import type { Protocol } from '../protocol.ts';
import type { WireCursor } from './cursor.ts';
import { bigint } from './layout.ts';
import type { Layout } from './layout.ts';
import { inPart } from './malformed.ts';
import type { WireReader } from './reader.ts';

/** Nothing on the wire. */
export const nothing: Layout<void> = {
  write() {},
  parse() {},
  async read() {},
};

/** The number of items, and each of them. */
export function list<T>(item: Layout<T>): Layout<readonly T[]> {
  return {
    write(writer, values, protocol) {
      writer.int(values.length);
      for (const value of values) item.write(writer, value, protocol);
    },
    parse(cursor, protocol) {
      const items: T[] = [];
      let count = cursor.count();
      try {
        for (; count > 0; count--) items.push(item.parse(cursor, protocol));
      } catch (error) {
        throw inPart(`[${items.length}]`, error);
      }
      return items;
    },
    async read(reader, protocol) {
      const items: T[] = [];
      const parse = (cursor: WireCursor) => item.parse(cursor, protocol);
      let count = await reader.read((cursor) => cursor.count());
      try {
        for (; count > 0; count--)
          items.push(reader.tryRead(parse) ?? (await item.read(reader, protocol)));
      } catch (error) {
        throw inPart(`[${items.length}]`, error);
      }
      return items;
    },
  };
}

/** Keys and their values, in any order. */
export function mapOf<Key, Value>(
  key: Layout<Key>,
  value: Layout<Value>,
): Layout<ReadonlyMap<Key, Value>> {
  return mapped(
    list(pair(key, value)),
    (entries) => new Map(entries),
    (map) => [...map],
  );
}

/** One after the other. */
export function pair<First, Second>(
  first: Layout<First>,
  second: Layout<Second>,
): Layout<readonly [First, Second]> {
  return mapped(
    record({ key: first, value: second }),
    ({ key, value }) => [key, value] as const,
    ([key, value]) => ({ key, value }),
  );
}

type FieldsOf<T> = { readonly [Name in keyof T]: Layout<T[Name]> };

/** Fields in their order on the wire. A fault in one of them tells its name. */
export function record<T extends object>(fields: FieldsOf<T>): Layout<T> {
  const names: (keyof T & string)[] = [];
  for (const name in fields) names.push(name);
  return {
    write(writer, value, protocol) {
      for (const name of names) fields[name].write(writer, value[name], protocol);
    },
    parse: parseWhole,
    // Most records are all there; only what is not is read field by field.
    read: async (reader, protocol) =>
      reader.tryRead((cursor) => parseWhole(cursor, protocol)) ?? readFields(reader, protocol),
  };

  function parseWhole(cursor: WireCursor, protocol: Protocol): T {
    const value: Partial<T> = {};
    let name = names[0];
    try {
      for (name of names) value[name] = fields[name].parse(cursor, protocol);
    } catch (error) {
      throw inPart(String(name), error);
    }
    // Every field of T has a layout, and each has been read.
    return value as T;
  }

  async function readFields(reader: WireReader, protocol: Protocol): Promise<T> {
    const value: Partial<T> = {};
    let name = names[0];
    try {
      for (name of names) value[name] = await fields[name].read(reader, protocol);
    } catch (error) {
      throw inPart(String(name), error);
    }
    return value as T;
  }
}

/** Another view of the same values; the views must be total. */
export function mapped<Wire, T>(
  layout: Layout<Wire>,
  fromWire: (value: Wire) => T,
  toWire: (value: T) => Wire,
): Layout<T> {
  return {
    write: (writer, value, protocol) => layout.write(writer, toWire(value), protocol),
    parse: (cursor, protocol) => fromWire(layout.parse(cursor, protocol)),
    read: async (reader, protocol) => fromWire(await layout.read(reader, protocol)),
  };
}

/** A layout that depends on what was agreed on. */
export function depending<T>(choose: (protocol: Protocol) => Layout<T>): Layout<T> {
  return {
    write: (writer, value, protocol) => choose(protocol).write(writer, value, protocol),
    parse: (cursor, protocol) => choose(protocol).parse(cursor, protocol),
    read: (reader, protocol) => choose(protocol).read(reader, protocol),
  };
}

/** There from version 1.`minor` on; before, nobody sends it, and it reads as `absent`. */
export function from<T>(minor: number, layout: Layout<T>, absent: T): Layout<T> {
  const never = constant(absent);
  return depending((protocol) => (speaks(protocol, minor) ? layout : never));
}

/** Not on the wire, and always the same here. */
export function constant<T>(value: T): Layout<T> {
  return { write() {}, parse: () => value, read: async () => value };
}

/** A word that has lost its meaning: always written the same, and read whatever it is. */
export function obsolete(word: number): Layout<void> {
  return mapped(
    bigint,
    () => {},
    () => BigInt(word),
  );
}

/** A value behind something that is on the wire, but no part of it. */
export function after<T>(skipped: Layout<void>, layout: Layout<T>): Layout<T> {
  return {
    write(writer, value, protocol) {
      skipped.write(writer, undefined, protocol);
      layout.write(writer, value, protocol);
    },
    parse(cursor, protocol) {
      skipped.parse(cursor, protocol);
      return layout.parse(cursor, protocol);
    },
    async read(reader, protocol) {
      await skipped.read(reader, protocol);
      return layout.read(reader, protocol);
    },
  };
}

/** A value before something that is on the wire, but no part of it. */
export function before<T>(layout: Layout<T>, skipped: Layout<void>): Layout<T> {
  return {
    write(writer, value, protocol) {
      layout.write(writer, value, protocol);
      skipped.write(writer, undefined, protocol);
    },
    parse(cursor, protocol) {
      const value = layout.parse(cursor, protocol);
      skipped.parse(cursor, protocol);
      return value;
    },
    async read(reader, protocol) {
      const value = await layout.read(reader, protocol);
      await skipped.read(reader, protocol);
      return value;
    },
  };
}

/** A word that says whether the value follows. */
export function optional<T>(layout: Layout<T>): Layout<T | null> {
  const absent = constant(null);
  return {
    write(writer, value, protocol) {
      writer.boolean(value !== null);
      if (value !== null) layout.write(writer, value, protocol);
    },
    parse: (cursor, protocol) => (cursor.boolean() ? layout.parse(cursor, protocol) : null),
    async read(reader, protocol) {
      const present = await reader.read((cursor) => cursor.boolean());
      return (present ? layout : absent).read(reader, protocol);
    },
  };
}
