/**
 * Does the same to each item, for at most `limit` of them at a time, begun in their order. The first failure ends it:
 * nothing more is begun, and it rejects when what was begun has ended.
 */
export async function forEachInParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const failures: unknown[] = [];
  const workThrough = async (): Promise<void> => {
    for (const item of waiting) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, workThrough));
  if (failures.length > 0) throw failures[0];
}
