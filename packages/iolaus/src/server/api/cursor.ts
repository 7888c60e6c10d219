import { ApiError } from '../http/api-error.ts';

type Place = readonly (string | number)[];

/** Where a page ended, as a text of which nobody needs to know what it says. */
export const encodeCursor = (place: Place): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** The place in a cursor, of as many numbers and texts as `form` names. Throws `ApiError` for what we never gave out. */
export function decodeCursor<const Form extends readonly ('number' | 'string')[]>(
  cursor: string | undefined,
  form: Form,
): PlaceOf<Form> | null {
  if (cursor === undefined) return null;
  const place = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (isPlace(place, form)) return place;
  throw new ApiError(400, 'bad-cursor', `“${cursor}” is no cursor of this list.`);
}

type PlaceOf<Form extends readonly ('number' | 'string')[]> = {
  readonly [Index in keyof Form]: Form[Index] extends 'number' ? number : string;
};

function isPlace<Form extends readonly ('number' | 'string')[]>(
  place: unknown,
  form: Form,
): place is PlaceOf<Form> {
  return (
    Array.isArray(place) &&
    place.length === form.length &&
    place.every((part, index) => typeof part === form[index] && isStorable(part))
  );
}

/** Ids and times are 32 bits wide, or 53; PostgreSQL's texts hold no character 0. */
const isStorable = (part: unknown): boolean =>
  typeof part === 'string' ? !part.includes('\0') : Number.isSafeInteger(part);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A page of `limit` items out of rows of which one more was asked for: that one tells that the list goes on. */
export function pageOfRows<Row, Item>(
  rows: readonly Row[],
  limit: number,
  word: (row: Row) => Item,
  placeOf: (row: Row) => Place,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const goesOn = rows.length > limit && last !== undefined;
  return { items: shown.map(word), next: goesOn ? encodeCursor(placeOf(last)) : null };
}
