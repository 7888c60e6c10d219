import type { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import { actions } from './actions.ts';
import { orders } from './orders.ts';
import { reads } from './reads.ts';
import { uploads } from './uploads.ts';

/** Every operation of API v2 by its name. */
export const contract = { ...reads, ...actions, ...orders, ...uploads } as const satisfies Readonly<
  Record<string, Endpoint>
>;

export type Contract = typeof contract;
export type Operation = keyof Contract;

/** What an operation is asked with, after the texts of address and query have become values. */
export type Asked<Name extends Operation> = {
  readonly address: z.output<Contract[Name]['address']>;
  readonly query: z.output<Contract[Name]['query']>;
  readonly body: z.output<Contract[Name]['body']>;
};

/** What it answers. */
export type Answer<Name extends Operation> = z.output<Contract[Name]['answer']>;

/** Operations that answer with JSON. */
export type JsonOperation = {
  [Name in Operation]: Contract[Name]['form'] extends 'json' ? Name : never;
}[Operation];

export const apiRoot = '/api/v2';
