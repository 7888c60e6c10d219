import type { StorePath } from '../../store-path/store-path.ts';
import { operationNumber, readNothing } from './operation.ts';
import type { Operation } from './operation.ts';

/** The archive follows where an answer would. */
export function narFromPath(path: StorePath): Operation<void> {
  return {
    write: (request) => request.int(operationNumber.narFromPath).path(path),
    read: readNothing,
  };
}
