import { LRUCache } from 'lru-cache';
import { z } from 'zod';

const line = z.string().max(2_000);
const figure = z.number().nonnegative();

/** What a provisioner tells of itself after each look. */
export const provisionerReport = z.object({
  owner: z.string().min(1).max(100),
  currency: z.string().max(8),
  /** Milliseconds since the epoch. */
  at: figure,
  pools: z
    .array(
      z.object({
        ...{ pool: z.string().max(100), sentence: line, wanted: figure, existing: figure },
        ...{ booting: figure, ready: figure, draining: figure },
        ...{ costPerHour: figure, spent: figure },
      }),
    )
    .max(1_000),
  remarks: z.array(line).max(100),
});

export type ProvisionerReport = z.infer<typeof provisionerReport>;

// Several stand side by side at times; more are a mistake. One that is silent has been stopped.
const remembered = { max: 20, ttl: 15 * 60_000 };

/** The latest of each provisioner, by its owner, for the page; nothing is decided by it. */
export class Provisioners {
  readonly #latest = new LRUCache<string, ProvisionerReport>(remembered);

  note(report: ProvisionerReport): void {
    this.#latest.set(report.owner, report);
  }

  /** In the order of their names. */
  list(): ProvisionerReport[] {
    return [...this.#latest.values()].toSorted((one, other) => (one.owner < other.owner ? -1 : 1));
  }
}
