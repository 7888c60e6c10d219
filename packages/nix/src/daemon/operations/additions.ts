import { NixFormatError } from '../../format-error.ts';
import { parseHashAlgorithm } from '../../hash/hash.ts';
import type { HashAlgorithm } from '../../hash/hash.ts';
import type { PathInfo } from '../../path-info/path-info.ts';
import { printContentAddressMethod } from '../../store-path/content-address.ts';
import type { ContentAddressMethod } from '../../store-path/content-address.ts';
import type { StorePath } from '../../store-path/store-path.ts';
import { DaemonError } from '../daemon-error.ts';
import { since, speaks } from '../protocol.ts';
import { depending, list, mapped, record } from '../wire/composite.ts';
import { boolean, byteString, path, text, textOf } from '../wire/layout.ts';
import type { Layout } from '../wire/layout.ts';
import { acknowledgement, noReply, operation } from './operation.ts';
import { unkeyedPathInfo } from './path-info.ts';

/** What of the added data is hashed, and how. */
export type AddMethod = {
  readonly method: ContentAddressMethod;
  readonly algorithm: HashAlgorithm;
};

/** How something is to be added; its data follows. */
type Addition = AddMethod & {
  readonly name: string;
  readonly references: readonly StorePath[];
  readonly repair: boolean;
};

/** Where it is now. Old daemons tell no more. */
type Added = { readonly path: StorePath };

const methodOfPrefix: ReadonlyMap<string, ContentAddressMethod> = new Map([
  ['text:', 'text'],
  ['fixed:', 'flat'],
  ['fixed:r:', 'nar'],
  ['fixed:git:', 'git'],
]);

function parseMethod(words: string): AddMethod {
  const split = words.lastIndexOf(':') + 1;
  const method = methodOfPrefix.get(words.slice(0, split));
  if (method === undefined)
    throw new NixFormatError(`'${words}' is no way to add something, such as fixed:r:sha256`);
  return { method, algorithm: parseHashAlgorithm(words.slice(split)) };
}

const newAddition: Layout<Addition> = mapped(
  record({
    name: text,
    how: textOf<AddMethod>(
      ({ method, algorithm }) => printContentAddressMethod(method, algorithm),
      parseMethod,
    ),
    references: list(path),
    repair: boolean,
  }),
  ({ how, ...rest }) => ({ ...how, ...rest }),
  ({ method, algorithm, ...rest }) => ({ how: { method, algorithm }, ...rest }),
);

/**
 * Before 1.25 only what has no references; texts have an operation of their own. Flat files would have to be put into
 * archives, which only servers have to understand.
 */
const oldAddition: Layout<Addition> = mapped(
  record({
    name: text,
    isUnusual: boolean,
    isRecursive: boolean,
    algorithm: textOf<HashAlgorithm>((value) => value, parseHashAlgorithm),
  }),
  ({ name, isRecursive, algorithm }) => ({
    name,
    method: isRecursive ? 'nar' : 'flat',
    algorithm,
    references: [],
    repair: false,
  }),
  ({ name, method, algorithm, references, repair }) => {
    if (method !== 'nar' || references.length > 0 || repair)
      throw new DaemonError('unsupported', `This daemon is too old to be given ${name} like that`);
    return { name, isUnusual: algorithm !== 'sha256', isRecursive: true, algorithm };
  },
);

/** Data: for `text` and `flat` the plain bytes, else an archive. Old daemons always want an archive. */
export const addToStore = operation<Addition, Added>('AddToStore', 7, {
  data: (protocol) => (speaks(protocol, since.framedAddToStore) ? 'framed' : 'inline'),
  request: depending((protocol) =>
    speaks(protocol, since.framedAddToStore) ? newAddition : oldAddition,
  ),
  reply: depending((protocol) =>
    speaks(protocol, since.framedAddToStore)
      ? record({ path, info: unkeyedPathInfo })
      : record({ path }),
  ),
});

/** Of old protocols, with the text inside. */
export const addTextToStore = operation('AddTextToStore', 8, {
  request: record({ name: text, text: byteString, references: list(path) }),
  reply: path,
});

/** How an archive is to be imported. */
export type ImportOptions = {
  /** Replace the path even if it is valid. */
  readonly repair?: boolean;
  /** Insist on a signature by a trusted key. Only trusted users may do without, which is the default. */
  readonly checkSignatures?: boolean;
};

/** A path info as it precedes an archive. */
export const keyedPathInfo: Layout<PathInfo> = mapped(
  record({ path, info: unkeyedPathInfo }),
  ({ info, ...key }) => ({ ...key, ...info }),
  (info) => ({ path: info.path, info }),
);

/** Data: the archive. */
export const addToStoreNar = operation('AddToStoreNar', 39, {
  data: (protocol) => (speaks(protocol, since.framedArchives) ? 'framed' : 'pulled'),
  pulledBytes: ({ info }) => info.narSize,
  request: record({ info: keyedPathInfo, repair: boolean, dontCheckSignatures: boolean }),
  reply: noReply,
});

/** Data: the number of paths; for each its info, and its archive without length. References come first. */
export const addMultipleToStore = operation('AddMultipleToStore', 44, {
  since: since.addMultiple,
  data: () => 'framed',
  request: record({ repair: boolean, dontCheckSignatures: boolean }),
  reply: noReply,
});

/**
 * Data: the log, uncompressed. There is no version of the protocol by which to know whether a daemon has it: Nix 2.6
 * has. Those it does not trust it refuses before it has read the log.
 */
export const addBuildLog = operation('AddBuildLog', 45, {
  since: since.addMultiple,
  refusalIsFatal: true,
  data: () => 'framed',
  // The base name alone, which is what is kept of a path here anyway.
  request: record({ derivation: text }),
  reply: acknowledgement,
});
