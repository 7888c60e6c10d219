import { fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';

/** A number as it is written, so that none is rounded. */
export type JsonNumber = { readonly number: string };

/** Texts are bytes, since Nix writes some JSON that is not UTF-8; members keep their order. */
export type JsonValue =
  | ByteString
  | JsonNumber
  | boolean
  | null
  | readonly JsonValue[]
  | ReadonlyMap<ByteString, JsonValue>;

/** A value that was read, and where. */
export type JsonNode =
  | { readonly type: 'object'; readonly offset: number; readonly members: JsonMembers }
  | { readonly type: 'array'; readonly offset: number; readonly items: readonly JsonNode[] }
  | { readonly type: 'string'; readonly offset: number; readonly value: ByteString }
  | { readonly type: 'number'; readonly offset: number; readonly value: JsonNumber }
  | { readonly type: 'literal'; readonly offset: number; readonly value: boolean | null };

type JsonMembers = ReadonlyMap<ByteString, JsonNode>;

/** The value without its places. */
export function valueOf(node: JsonNode): JsonValue {
  if (node.type === 'array') return node.items.map((item) => valueOf(item));
  if (node.type !== 'object') return node.value;
  return new Map([...node.members].map(([name, member]) => [name, valueOf(member)]));
}

/** An object with these members, in this order. */
export function jsonObject(
  members: Readonly<Record<string, JsonValue>>,
): ReadonlyMap<ByteString, JsonValue> {
  return new Map(Object.entries(members).map(([name, value]) => [fromUtf8(name), value]));
}
