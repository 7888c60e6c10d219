import { since } from '../protocol.ts';
import { from, list, nothing, record } from '../wire/composite.ts';
import { boolean, path, text } from '../wire/layout.ts';
import { acknowledgement, operation } from './operation.ts';

export const isValidPath = operation('IsValidPath', 1, {
  request: record({ path }),
  reply: boolean,
});

/** With `substitute`, the daemon tries to fetch those that are missing first. */
export const queryValidPaths = operation('QueryValidPaths', 31, {
  request: record({
    paths: list(path),
    substitute: from(since.substituteValidPaths, boolean, false),
  }),
  reply: list(path),
});

export const queryAllValidPaths = operation('QueryAllValidPaths', 23, {
  request: nothing,
  reply: list(path),
});

export const ensurePath = operation('EnsurePath', 10, {
  request: record({ path }),
  reply: acknowledgement,
});

export const optimiseStore = operation('OptimiseStore', 34, {
  request: nothing,
  reply: acknowledgement,
});

/** The reply: whether errors remain. */
export const verifyStore = operation('VerifyStore', 35, {
  request: record({ checkContents: boolean, repair: boolean }),
  reply: boolean,
});

export const addSignatures = operation('AddSignatures', 37, {
  request: record({ path, signatures: list(text) }),
  reply: acknowledgement,
});
