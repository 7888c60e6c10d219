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
        pool: z.string().max(100),
        sentence: line,
        wanted: figure,
        existing: figure,
        booting: figure,
        ready: figure,
        draining: figure,
        costPerHour: figure,
        spent: figure,
      }),
    )
    .max(1_000),
  remarks: z.array(line).max(100),
  /** What was begun last, newest first. */
  decisions: z
    .array(
      z.object({
        at: figure,
        type: z.string().max(20),
        machine: z.string().max(300),
        because: line,
      }),
    )
    .max(100)
    .default([]),
});

export type ProvisionerReport = z.infer<typeof provisionerReport>;

// Several stand side by side at times; more are a mistake. One that is silent has been stopped.
const remembered = { max: 20, ttl: 15 * 60_000 };

/** A provisioner wants to be the one that acts for its owner, for so long from now on. */
export const leadRequest = z.object({
  owner: z.string().min(1).max(100),
  holder: z.string().min(1).max(300),
  milliseconds: z
    .number()
    .int()
    .positive()
    .max(24 * 3_600_000),
});

/** Who acts for an owner. */
export type Lead = {
  readonly holder: string;
  /** Nobody had it just before, as far as this runner knows: the holder may have missed what another one did. */
  readonly isNew: boolean;
};

/** The latest of each provisioner, by its owner, for the page, and which one of those with one owner acts. */
export class Provisioners {
  readonly #latest = new LRUCache<string, ProvisionerReport>(remembered);
  readonly #leads = new LRUCache<string, { readonly holder: string; readonly until: number }>({
    max: remembered.max,
  });

  /** Gives the lead to who asks, unless another one has it. */
  lead({ owner, holder, milliseconds }: z.output<typeof leadRequest>, now: number): Lead {
    const before = this.#leads.get(owner);
    const isFree = before === undefined || before.until < now;
    if (!isFree && before.holder !== holder) return { holder: before.holder, isNew: false };
    this.#leads.set(owner, { holder, until: now + milliseconds });
    return { holder, isNew: isFree };
  }

  note(report: ProvisionerReport): void {
    this.#latest.set(report.owner, report);
  }

  /** In the order of their names. */
  list(): ProvisionerReport[] {
    return [...this.#latest.values()].toSorted((one, other) => (one.owner < other.owner ? -1 : 1));
  }
}
