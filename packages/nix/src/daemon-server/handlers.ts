import type { DaemonEvent } from '../daemon/event.ts';
import type { operations, OperationName } from '../daemon/operations/catalogue.ts';
import type { Operation } from '../daemon/operations/operation.ts';
import type { Protocol } from '../daemon/protocol.ts';
import type { Data } from '../daemon/upload.ts';

/** What a handler can do besides answering. */
export type Exchange = {
  readonly protocol: Protocol;
  /** The data behind the request; empty where there is none. What is not taken of it is thrown away. */
  readonly data: Data;
  /** Tells the client something; resolves when it can take more. */
  readonly tell: (event: DaemonEvent) => Promise<void>;
  /** Aborted when the client goes away, upon which daemons stop what they do. */
  readonly signal: AbortSignal;
};

type Catalogue = typeof operations;
type RequestOf<O> = O extends Operation<infer Request, infer _Reply> ? Request : never;
type ReplyOf<O> = O extends Operation<infer _Request, infer Reply> ? Reply : never;

/** What an operation is answered with: NarFromPath with an archive, the others with their reply. */
export type AnswerTo<Name extends OperationName> = Name extends 'narFromPath'
  ? Data
  : ReplyOf<Catalogue[Name]>;

/** Does what a client asks for. An error thrown is told to the client, who can go on. */
export type Handler<Name extends OperationName> = {
  /** A method, so that handlers of all operations can be kept together. */
  handle(
    request: RequestOf<Catalogue[Name]>,
    exchange: Exchange,
  ): AnswerTo<Name> | Promise<AnswerTo<Name>>;
}['handle'];

/** What a daemon does; whatever has no handler here it cannot do. */
export type Handlers = { readonly [Name in OperationName]?: Handler<Name> };
