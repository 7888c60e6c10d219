import type { Protocol } from '../protocol.ts';
import { mapped, nothing } from '../wire/composite.ts';
import { int } from '../wire/layout.ts';
import type { Layout } from '../wire/layout.ts';

/**
 * What else an operation moves, besides its request and reply:
 * - `none`: nothing
 * - `framed`: pieces with their lengths, behind the request
 * - `pulled`: an archive, in portions that the daemon asks for
 * - `inline`: an archive behind the request, without length
 * - `archive`: an archive instead of a reply, without length
 */
export type BulkData = 'none' | 'framed' | 'pulled' | 'inline' | 'archive';

/** One of the things a daemon does: how it is asked for, and how it is answered. */
export type Operation<Request, Reply> = {
  /** As Nix calls it. */
  readonly name: string;
  /** The word that its request begins with. */
  readonly number: number;
  readonly request: Layout<Request>;
  readonly reply: Layout<Reply>;
  /** Why it cannot be asked of a daemon that speaks this, or null. */
  readonly lacking: (protocol: Protocol) => string | null;
  /** What else it moves. */
  readonly data: (protocol: Protocol) => BulkData;
  /** How many bytes of `pulled` data there are. */
  pulledBytes(request: Request): number;
  /** A daemon that refuses it may not have read all of the request: the connection is lost. */
  readonly refusalIsFatal: boolean;
};

type Details<Request, Reply> = Partial<Operation<Request, Reply>> & {
  readonly request: Layout<Request>;
  /** The minor version of the protocol it came with. */
  readonly since?: number;
};

/** An operation without bulk data that every daemon knows, unless its details say otherwise. */
export function operation<Request, Reply = void>(
  name: string,
  number: number,
  details: Details<Request, Reply> & { readonly reply: Layout<Reply> },
): Operation<Request, Reply> {
  const { since = 0, ...others } = details;
  return {
    name,
    number,
    lacking: (protocol) =>
      protocol.version.minor >= since ? null : `protocol 1.${since} is needed for it`,
    data: () => 'none',
    pulledBytes: () => 0,
    refusalIsFatal: false,
    ...others,
  };
}

/** For replies that only say that it is done. */
export const acknowledgement: Layout<void> = mapped(
  int,
  () => {},
  () => 1,
);

/** For operations after which nothing but the end of the messages comes. */
export const noReply: Layout<void> = nothing;
