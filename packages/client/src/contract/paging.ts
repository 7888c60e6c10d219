import { z } from 'zod';

// More is a burden for whoever shows it; who wants all asks for page after page.
const limitMax = 500;
const limitUsual = '50';

/** Every list takes these. `cursor` is what the page before gave as `next`. */
export const pageQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .default(limitUsual)
    .transform(Number)
    .pipe(z.int().min(1).max(limitMax)),
});

/** A page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    /** Give it as `cursor` for the next page; null at the end. */
    next: z.string().nullable(),
  });

export type PageQuery = z.output<typeof pageQuery>;

/** A list that comes whole. */
export const listOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });
