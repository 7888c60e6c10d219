import type { Answer, Asked, Contract, JsonOperation, Operation } from '../../api/contract.ts';
import type { Reader } from '../../database/api/readable.ts';
import type { Visitor } from '../rights/visitor.ts';
import type { RequestContext } from '../http/context.ts';
import type { Sources } from '../routes.ts';

/** What a handler knows besides what is asked. */
export type Call = {
  readonly sources: Sources;
  readonly visitor: Visitor;
  readonly reader: Reader;
  readonly context: RequestContext;
};

/** What answers an operation: with the resource, or, where that is no JSON, with the whole response. */
export type Handler<Name extends Operation> = (
  asked: Asked<Name>,
  call: Call,
) => Promise<Name extends JsonOperation ? Answer<Name> : Response>;

/** One for each operation. */
export type Handlers<Name extends Operation = keyof Contract> = {
  readonly [Each in Name]: Handler<Each>;
};
