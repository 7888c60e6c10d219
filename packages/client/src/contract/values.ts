import { z } from 'zod';

// Ids are `serial` columns.
const idMax = 2 ** 31 - 1;

export const id = z.int().min(1).max(idMax);

/** An id that comes as a text, in an address or a query. */
export const idText = z
  .string()
  .regex(/^[1-9]\d{0,9}$/)
  .transform(Number)
  .pipe(id);

/** What a person may look for. PostgreSQL's texts cannot hold the character 0. */
export const text = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => !value.includes('\0'), 'holds the character 0');

/** RFC 3339, in UTC. */
export const time = z.iso.datetime();

/** Store paths with the store directory. */
export const storePath = z.string();

/** RFC 3339 in an address or a query; becomes seconds since the epoch. */
export const timeText = z.iso
  .datetime({ offset: true })
  .transform((value) => Math.floor(Date.parse(value) / 1_000));

/** A count that comes as a text. */
export const countText = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

/** The number of a line that comes as a text; lines are counted from 1. */
export const lineText = z
  .string()
  .regex(/^[1-9]\d{0,9}$/)
  .transform(Number);

/** The beginning of the hash of a store path, long enough that few have it, with or without the rest of the path. */
export const hashText = z
  .string()
  .max(300)
  .regex(/^(\/nix\/store\/)?[0-9a-df-np-sv-z]{5,32}(-[\w+.?=-]*)?$/);
