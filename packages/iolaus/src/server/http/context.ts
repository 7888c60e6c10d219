import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** A request as the routes see it, with Node's own request and response behind it. */
export type RequestContext = Context<{ Bindings: HttpBindings }>;
