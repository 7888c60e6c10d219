/** The entries in the order of their names' characters, which is that of bytes for what stands for bytes. */
export function sortedEntries<Name extends string, Value>(
  map: Iterable<readonly [Name, Value]>,
): (readonly [Name, Value])[] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}
