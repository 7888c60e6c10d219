import { z } from 'zod';
import type { Right } from './rights.ts';

/**
 * Something that can be asked for, said once: the server checks requests by it, the OpenAPI document describes it, and the
 * client has its types of it.
 */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v2`, with the names of `address` in braces: `/builds/{build}`. */
  readonly path: string;
  readonly summary: string;
  readonly right: Right;
  /** Numbers and names in the path. */
  readonly address: z.ZodObject;
  /** What follows the question mark; every field comes as a text. */
  readonly query: z.ZodObject;
  readonly body: z.ZodType;
  readonly answer: z.ZodType;
  /** `json` by the schema of the answer; `text` and `events` come as they are made. */
  readonly form: 'json' | 'text' | 'events';
};

export const nothing = z.object({});
const noBody = z.undefined();

type Asked<Address, Query> = {
  readonly path: string;
  readonly summary: string;
  readonly address: Address;
  readonly query: Query;
};

/** A GET that answers with JSON to whoever may read. */
export const read = <
  const Address extends z.ZodObject,
  const Query extends z.ZodObject,
  const Answer extends z.ZodType,
>(
  asked: Asked<Address, Query> & { readonly answer: Answer },
) => ({ ...asked, method: 'GET', form: 'json', right: 'read', body: noBody }) as const;

/** A GET whose answer is no JSON. */
export const stream = <const Address extends z.ZodObject, const Query extends z.ZodObject>(
  form: 'text' | 'events',
  asked: Asked<Address, Query>,
) => ({ ...asked, form, method: 'GET', right: 'read', body: noBody, answer: z.string() }) as const;

/** What changes something, for those who have the right. */
export const action = <
  const Address extends z.ZodObject,
  const Body extends z.ZodType,
  const Answer extends z.ZodType,
>(asked: {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly right: Right;
  readonly address: Address;
  readonly body: Body;
  readonly answer: Answer;
}) => ({ ...asked, form: 'json', query: nothing }) as const;
