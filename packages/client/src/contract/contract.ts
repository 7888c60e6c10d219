import type { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import { actions } from './actions.ts';
import { orders } from './orders.ts';
import { buildReads } from './reads/builds.ts';
import { evaluationReads } from './reads/evaluations.ts';
import { farmReads } from './reads/farm.ts';
import { logReads } from './reads/logs.ts';
import { projectReads } from './reads/projects.ts';
import { queueReads } from './reads/queue.ts';
import { stepReads } from './reads/steps.ts';
import { uploads } from './uploads.ts';

/** Every operation of API v2 by its name. Lists come newest first, or by name where there is no time to it. */
export const contract = {
  ...projectReads,
  ...evaluationReads,
  ...buildReads,
  ...stepReads,
  ...logReads,
  ...queueReads,
  ...farmReads,
  ...actions,
  ...orders,
  ...uploads,
} as const satisfies Readonly<Record<string, Endpoint>>;

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
