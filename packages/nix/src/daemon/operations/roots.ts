import type { StorePath } from '../../store-path/store-path.ts';
import { operationNumber, readAcknowledgement } from './operation.ts';
import type { Operation } from './operation.ts';

export function addTempRoot(path: StorePath): Operation<void> {
  return {
    write: (request) => request.int(operationNumber.addTempRoot).path(path),
    read: readAcknowledgement,
  };
}

export function addIndirectRoot(link: string): Operation<void> {
  return {
    write: (request) => request.int(operationNumber.addIndirectRoot).text(link),
    read: readAcknowledgement,
  };
}

export function ensurePath(path: StorePath): Operation<void> {
  return {
    write: (request) => request.int(operationNumber.ensurePath).path(path),
    read: readAcknowledgement,
  };
}
